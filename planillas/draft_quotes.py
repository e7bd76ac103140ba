"""A section without a model: the sentences of the sources that come closest to what it asks for, word for word."""

import re
from collections.abc import Sequence

from engines import quoting, spanish
from rag.retrieve import Passage

QUOTES_LEAST, QUOTES_MOST = 2, 12
WORDS_PER_QUOTE = 25
_SHORT_TITLE = 3  # words that say what a section is about
_WORTH = 0.12  # a passage that is less likely, against the likeliest, is not quoted
_ROW_WORDS = 8
_LIKELY = 0.35  # of what is asked for, by rarity in the school, that a passage holds
_CUT_WORD = re.compile(r"(?<=[^\W\d_])[-‐]\s*\n\s*(?=[^\W\d_])")
_INNER = str.maketrans("«»", "“”")  # the outer marks must be the only ones of their shape
# What a prompt says to whoever writes, and what any source of a school may say of anything.
_ORDERS = frozenset(
    word.stem
    for word in spanish.words(
        "describir explicar resumir indicar detallar enumerar contar señalar mencionar presentar redactar escribir "
        "incluir agregar analizar comparar destacar informar exponer listar nombrar decir poner sección informe texto "
        "párrafo fuente documento cuáles cuántos cada uno según breve brevemente principales escuela año ciclo lectivo "
        "período próximo siguiente anterior caso modo manera persona parte total número dato fecha nombre motivo "
        "responsable plazo quién cuándo dónde consta haber faltar"
    )
)


def of(title: str, prompt: str, passages: Sequence[Passage], *, words: int) -> str:
    """Return a paragraph per quote, «…» [n], in the order of the sources; "" when none of them is about it.

    `title`, `prompt`: of the section; `words`: about as many as are asked for.
    """
    named = _subject(title)
    wanted = named | _subject(prompt)
    given = [
        quoting.Passage(
            each.text,
            prior=each.prior,
            heading=" › ".join([each.title, *each.heading_path]),
            support=each.support,
        )
        for each in passages
    ]
    likeliest = max((each.prior for each in given), default=0.0)
    most = max(QUOTES_LEAST, min(QUOTES_MOST, words // WORDS_PER_QUOTE))
    found: list[tuple[int, int, str]] = []
    told: set[str] = set()
    for quote in quoting.quote(" ".join(wanted.values()) or title, given, most=2 * most).quotes:
        passage = given[quote.passage_index]
        said = " ".join(_CUT_WORD.sub("", passage.text[quote.start : quote.end]).split()).lstrip("•·-– ")
        is_worth = passage.prior >= _WORTH * likeliest and not _is_header(said)
        if said not in told and is_worth and _is_about(named, wanted, said, passage) and len(found) < most:
            told.add(said)
            found.append((quote.passage_index, quote.start, said))
    return "\n\n".join(f"«{said.translate(_INNER)}» [{at + 1}]" for at, _start, said in sorted(found))


def _is_header(said: str) -> bool:
    """Say whether it is the head of a table, or a line of it with next to nothing in it."""
    return "|" in said and len(re.findall(r"\w+", said)) < _ROW_WORDS


def _subject(text: str) -> dict[int, str]:
    """Return what a text is about: its words by stem, without the orders to whoever writes."""
    return {
        word.stem: word.folded
        for word in spanish.words(text)
        if not word.is_stop and word.stem not in _ORDERS
    }


def _is_about(named: dict[int, str], wanted: dict[int, str], said: str, passage: quoting.Passage) -> bool:
    """Say whether a sentence holds enough of what is asked for: two words of it, or one of a short title."""
    there = {word.stem for word in spanish.words(said)}
    above = {word.stem for word in spanish.words(passage.heading)}
    in_it = len(there & wanted.keys())
    is_likely = (passage.support or 0.0) >= _LIKELY and len(named) <= _SHORT_TITLE
    of_title = is_likely and bool(there & named.keys())
    around = len((there | above) & wanted.keys())
    return in_it >= min(2, len(wanted)) > 0 or of_title or (in_it >= 1 and around >= 2)
