"""The quoting engine as a provider: quotes with their marks, or one refusal; and what it took."""

from collections.abc import Sequence

from engines.base import ChatRequest, Refusal, Source, Text, Usage
from engines.providers.quoting import Quoting
from rag import cite
from tests.engines.conftest import QUOTING, Reader

RULES = Source(
    1,
    "Régimen académico",
    "Artículo 12. Inasistencias",
    "El estudiante que supere las veinticinco (25) inasistencias\ninjustificadas perderá la condición de "
    "alumno regular. "
    "La familia recibirá aviso por el «cuaderno de comunicaciones» al llegar a diez inasistencias.",
    prior=0.95,
)
CANTEEN = Source(2, "Circular 7", "Comedor", "El comedor abre de lunes a viernes a las 12.", prior=0.1)
QUESTION = "¿Cuántas inasistencias injustificadas hacen perder la condición de alumno regular?"


def _provider(read: Reader, **changes: object) -> Quoting:
    provider = read({**QUOTING, **changes}).chat["quoting"]
    assert isinstance(provider, Quoting)
    return provider


def _said(pieces: Sequence[object]) -> str:
    return "".join(piece.text for piece in pieces if isinstance(piece, Text))


def test_an_answer_is_quotes_with_their_marks(read: Reader) -> None:
    pieces = list(_provider(read).stream(ChatRequest(QUESTION, sources=(RULES, CANTEEN))))
    said = _said(pieces)
    assert said.startswith(
        "«El estudiante que supere las veinticinco (25) inasistencias injustificadas perderá"
    )
    assert not any(isinstance(piece, Refusal) for piece in pieces)
    texts = {source.n: source.text for source in (RULES, CANTEEN)}
    checked = cite.mark_unsupported(cite.parse_answer(said), texts)
    assert checked
    assert all(one.is_supported for one in checked), "every quote stands in its source"
    for paragraph in said.split("\n\n"):
        assert paragraph.startswith("«")
        assert paragraph.endswith("]")
        assert paragraph.count("«") == 1 == paragraph.count("»")


def test_it_comes_quote_by_quote(read: Reader) -> None:
    pieces = list(_provider(read).stream(ChatRequest(QUESTION, sources=(RULES, CANTEEN))))
    texts = [piece for piece in pieces if isinstance(piece, Text)]
    assert len(texts) == len(_said(pieces).split("\n\n"))
    one = list(_provider(read, quotes=1).stream(ChatRequest(QUESTION, sources=(RULES, CANTEEN))))
    assert [type(piece) for piece in one] == [Text, Usage]


def test_the_same_words_in_two_documents_are_told_once(read: Reader) -> None:
    copy = Source(2, "Copia", "", RULES.text, prior=0.9)
    said = _said(list(_provider(read).stream(ChatRequest(QUESTION, sources=(RULES, copy)))))
    assert said.count("veinticinco (25)") == 1


def test_what_the_sources_do_not_hold_is_refused(read: Reader) -> None:
    request = ChatRequest("¿Quién ganó el mundial de fútbol de 1986?", sources=(CANTEEN,))
    pieces = list(_provider(read).stream(request))
    assert [type(piece) for piece in pieces] == [Refusal, Usage]


def test_without_sources_it_refuses(read: Reader) -> None:
    for request in (ChatRequest(QUESTION), ChatRequest("", sources=(RULES,))):
        assert [type(piece) for piece in _provider(read).stream(request)] == [Refusal, Usage]


def test_it_costs_nothing_and_says_so(read: Reader) -> None:
    usage = list(_provider(read).stream(ChatRequest(QUESTION, sources=(RULES,))))[-1]
    assert isinstance(usage, Usage)
    assert (usage.tokens_in, usage.tokens_out) == (0, 0)
    assert usage.seconds is not None
    assert usage.seconds >= 0
