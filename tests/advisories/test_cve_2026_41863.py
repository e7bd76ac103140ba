"""Spring AI CVE-2026-41863: a model chose the name of a file, and the name was a path.

What an engine writes is a text in a row: no key of a stored file and no header is made of it. Red when a planilla's
title goes into a path or, as it is, into a header.
"""

from pathlib import Path

from documents.models import Document
from planillas.models import Planilla
from schools.scope import school_scope
from tests.advisories.conftest import Stage, calls, content
from tests.tenancy.matrix import CountingStorage
from transcription.models import Acta

TITLES = (
    "../../etc/cron.d/x",
    'a"; filename="b.html',
    "a\r\nSet-Cookie: x=1",
    "C:\\x\\y",
    "‮fdp.exe",
    "." * 300,
)


def test_no_title_is_a_path_or_a_header(stage_of_two: Stage) -> None:
    exports = calls(
        "planillas:export", "planillas_api:export", "transcription:acta_download", "documents:file", methods=["GET"]
    )  # fmt: skip
    ids, school_id = stage_of_two.norte.ids, stage_of_two.ana.school_id
    for title in TITLES:
        with school_scope(school_id):
            Planilla.objects.filter(pk=ids["planilla"]).update(title=title[:200])
            Acta.objects.update(title=title[:200])
            Document.objects.filter(pk=ids["document"]).update(title=title[:200], filename=title[:200])
            keys = list(Document.objects.filter(pk=ids["document"]))
        for call in exports:
            CountingStorage.touched.clear()
            answer = stage_of_two.ask(stage_of_two.ana, call)
            assert answer.status_code == 200, (str(call), title)
            said = answer["Content-Disposition"]
            assert "\n" not in said
            assert "\r" not in said
            assert said.count('"') % 2 == 0
            assert "Set-Cookie" not in answer.headers
            assert all(
                title.strip(".") not in name or not title.strip(".") for name in CountingStorage.touched
            )
            assert content(answer)
        assert {Path(row.file_key).parts[0] for row in keys} == {Path(keys[0].file_key).parts[0]}
        assert title not in keys[0].file_key
