"""T21, T22, OWASP LLM10: whatever a model says, what a reader gets leads nowhere but to our own citations."""

import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag import conversations, packs, prose
from rag.models import AnswerStatus, Message
from schools import unseen
from schools.scope import school_scope
from tests.conftest import Person
from tests.rag.attacks import ATTACKS, EVIL, problems

LINKS = {1: "/e/norte/biblioteca/x/leer?lugar=%7B%7D", 2: "/e/norte/biblioteca/y/leer"}
WHY = "Ninguna fuente «lo» sostiene."


def _judge(text: str, supported: Callable[[int], bool]) -> tuple[list[str], str]:
    html = prose.render(text, links=LINKS, supported=supported, label="Fuente %d", unsupported=WHY)
    return problems(html, links=LINKS.values(), why=WHY)


@pytest.mark.parametrize("attack", ATTACKS, ids=range(len(ATTACKS)))
@pytest.mark.parametrize("is_held", [True, False])
def test_nothing_that_a_model_says_is_fetched_run_or_followed(attack: str, is_held: bool) -> None:
    """Red when "image", "link", "reference" or HTML is enabled in rag/prose.py, or what is not seen stays."""
    for text in (
        attack,
        f"Según el acta {attack} [1].",
        f"- {attack}\n- [2]\n\n| {attack} | [1] |\n|--:|:-:|\n",
    ):
        found, said = _judge(text, lambda _number: is_held)
        assert not found, said
        assert unseen.strip_all(said) == said, "nothing hidden is left in it"
        for block in prose.parse(text, supported=lambda _number: is_held):
            assert all(unseen.strip_all(span.text) == span.text for span in block.spans)


_PIECES = st.sampled_from(
    [*ATTACKS, *"[]()!<>\"'`*_|#~\\\n:-= \ue000\u200b", "[1]", "[2]", "```", "| a |\n|:-:|\n", "."]
)


@given(text=st.lists(st.one_of(_PIECES, st.text(max_size=12)), max_size=12).map("".join), held=st.booleans())
def test_whatever_a_model_says_its_html_holds_only_what_is_allowed(text: str, held: bool) -> None:
    """Red when `_tokens` no longer drops the name of a fence: `~~~[1]` opens a tag inside a class."""
    found, said = _judge(text, lambda _number: held)
    assert not found, (text, said)


@pytest.fixture
def spoken(ana: Person, document: Any) -> Message:
    """Return an answer which holds every attack, kept before anything was taken out, with one true citation."""
    conversation = conversations.start(ana.member, title=ATTACKS[0])
    place = {"kind": "text", "from": 0, "to": 5}
    with school_scope(ana.school_id):
        message: Message = Message.objects.create(
            conversation=conversation,
            question=ATTACKS[0],
            standalone_question=ATTACKS[33],
            text="\n\n".join([*ATTACKS, "Y la familia podrá pedirlo [1]."]).replace("\0", ""),
            status=AnswerStatus.ANSWERED,
            engine="cerca",
            searched={"collections": list(ATTACKS[:3])},
            citations=[
                {"n": 1, "document_id": str(document.document_id), "chunk_id": None, "title": ATTACKS[32],
                 "place": place, "block": 0, "quote": ATTACKS[0], "verified": True}
            ],
        )  # fmt: skip
    return message


def test_a_kept_answer_is_inert_on_its_page_and_in_its_pack(ana: Person, spoken: Message) -> None:
    """Red when message.html shows `message.text|safe`, or packs.py writes the answer as the engine wrote it."""
    page = ana.browser().get(f"/e/norte/preguntar/{spoken.conversation_id}/")
    html = page.content.decode()
    body = html.partition('<div class="message-body rich">')[2].partition("\n  ")[0]
    whys = html.partition('class="unsupported" role="img" title="')[2].partition('"')[0]
    found, _said = problems(body.removesuffix("</div>"), links=_links(html), why=whys)
    assert not found and len(body) > 5_000
    for forbidden in (
        f'src="{EVIL}',
        f'href="{EVIL}',
        "<img src=https",
        "<img src=x",
        "<script>alert",
        "onerror=alert(1)>",
        'javascript:alert(1)"',
    ):
        assert forbidden not in html, forbidden
    assert "img-src 'self'" in page["Content-Security-Policy"]
    with packs.pack(ana.member, spoken.pk) as file, zipfile.ZipFile(file) as packed:
        told = packed.read("respuesta.md").decode()
    _inert(told)
    assert "podrá pedirlo" in told


def _links(html: str) -> set[str]:
    return {
        piece.partition('"')[0].replace("&amp;", "&").replace("&quot;", '"')
        for piece in html.split('class="cite" href="')[1:]
    }


def _inert(text: str) -> None:
    """Read a Markdown file with a parser that knows everything, as whoever opens it may."""
    from markdown_it import MarkdownIt

    html = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
    assert EVIL not in "".join(part.partition(">")[0] for part in html.split("<")[1:]), html
    for tag in ("<img", "<script", "<iframe", "<svg", "<a "):
        assert tag not in html.lower(), tag
