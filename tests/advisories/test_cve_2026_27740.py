"""Discourse CVE-2026-27740: what a model wrote was marked as safe and shown as it was.

Red when rag/prose.py or rag/shown.py lets a tag of the text through; `mark_safe` stands in three places, each behind an
escape (tests/house/test_sources.py).
"""

import re

from rag.models import AnswerStatus, Message
from schools.scope import school_scope
from tests.advisories.conftest import Stage, calls

WRITTEN = """<script>alert(1)</script><img src=x onerror=alert(1)><svg/onload=alert(1)>
![x](https://evil.example/?q=1) [x](javascript:alert(1)) <a href="javascript:alert(1)">x</a>
[x]: https://evil.example/r "t"
[uno][x] ![dos][x] <https://evil.example/auto> https://evil.example/plain
<iframe srcdoc="&lt;script&gt;alert(1)&lt;/script&gt;"></iframe><style>*{background:url(//evil.example)}</style>
"""


def test_what_an_engine_writes_is_shown_as_words(stage_of_two: Stage) -> None:
    [page] = calls("rag:conversation", methods=["GET"])
    before = stage_of_two.serve(page).decode()
    with school_scope(stage_of_two.ana.school_id):
        Message.objects.filter(pk=stage_of_two.norte.ids["message"]).update(
            status=AnswerStatus.ANSWERED, text=WRITTEN, question=WRITTEN
        )
    shown = stage_of_two.serve(page).decode()
    assert "alert(1)" in shown
    for tag in ("script", "img", "svg", "iframe", "style"):
        assert len(re.findall(rf"<{tag}\b", shown)) <= len(re.findall(rf"<{tag}\b", before)), tag
    for attribute in re.findall(r'(?:href|src|action|srcset|poster|data)\s*=\s*"([^"]*)"', shown):
        assert "evil.example" not in attribute
        assert not attribute.lower().startswith(("javascript:", "data:text"))
    tags = re.findall(r"<[a-z][^>]*>", shown)
    assert not [tag for tag in tags if re.search(r"\son\w+\s*=", tag)]
