"""Whether a citation is true: the quoted words are in their source, or the sentence is unsupported."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rag import support

MAX_MARKS = 20  # of one sentence

# What may differ between a quote and its source: shapes of quotes and dashes, spaces, a word cut by a hyphen
# at the end of a line, composed or decomposed accents, punctuation around the whole. No case, no accents.
_SHAPES = str.maketrans(
    {
        **dict.fromkeys("“”„‟«»″＂", '"'),
        **dict.fromkeys("‘’‚‛‹›′`´", "'"),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        "…": "...",
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", ""),
    }
)
_EDGES = " \t\r\n\"'.,;:-…()[]"
_CUT_WORD = re.compile(r"(?<=[^\W\d_])[-‐]\s*\n\s*(?=[^\W\d_])")
_MARK = re.compile(r"\s*\[\s*(\d{1,3}(?:\s*[,;y]\s*\d{1,3})*)\s*\]")
_QUOTED = re.compile(r"«([^«»]+)»|“([^“”]+)”|\"([^\"]+)\"")
_END = re.compile(r"([.!?…]+[\"'»”)]*|[\"»”](?=\s*\[))((?:\s*\[[\d\s,;y]+\])*)[.]?(?=\s+|$)|\n+")
_ABBREVIATION = re.compile(
    r"(?:\b(?:art|arts|inc|res|ley|dec|núm|nro|no|n|sr|sra|srta|dr|dra|lic|ing|prof|pág|págs|p|pp|ej|etc|cap|tít|sec|ed|av|"
    r"vol|fs|depto|tel|ud|uds|[a-z])|\b[A-Z])\.$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an answer, as it stands there from `start` to `end`."""

    text: str  # without its marks
    start: int
    end: int
    marks: tuple[int, ...]
    quotes: tuple[str, ...]  # the words between quotation marks


@dataclass(frozen=True, slots=True)
class Citation:
    """What a mark [n] claims. `verified`: the quote stands in source n, from `start` to `end`."""

    n: int
    quote: str
    verified: bool
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Checked:
    sentence: Sentence
    citations: tuple[Citation, ...]

    @property
    def is_supported(self) -> bool:
        return any(citation.verified for citation in self.citations)


def find(quote: str, text: str) -> tuple[int, int] | None:
    """Return where in `text` the quoted words stand, as offsets of `text` itself; None when they don't.

    Whole words only. Spaces, shapes of quotes and dashes, composed accents, words cut at a line's end, and
    punctuation around the quote may differ; letters, case and accents may not.
    """
    wanted = _normalise(quote)[0].strip(_EDGES)
    if not any(char.isalnum() for char in wanted):
        return None
    normal, offsets = _normalise(text)
    at = normal.find(wanted)
    while at >= 0:
        end = at + len(wanted)
        if _is_edge(normal, at) and _is_edge(normal, end):
            return offsets[at], _end_of_cluster(text, offsets[end - 1] + 1)
        at = normal.find(wanted, at + 1)
    return None


def parse_answer(text: str) -> tuple[Sentence, ...]:
    """Return the sentences of an answer with the marks [n] that follow each; «quotes» are not cut."""
    found: list[Sentence] = []
    start = 0
    for end in [*_ends(text), len(text)]:
        whole = text[start:end]
        words = _MARK.sub("", whole).strip()
        marks = tuple(
            dict.fromkeys(
                int(n) for match in _MARK.finditer(whole) for n in re.findall(r"\d+", match.group(1))
            )
        )
        if any(char.isalnum() for char in words):
            lead = len(whole) - len(whole.lstrip())
            quotes = tuple(next(filter(None, match.groups())) for match in _QUOTED.finditer(words))
            found.append(
                Sentence(words, start + lead, start + len(whole.rstrip()), marks[:MAX_MARKS], quotes)
            )
        elif marks and found:  # a mark on its own belongs to the sentence before it
            last = found[-1]
            both = tuple(dict.fromkeys((*last.marks, *marks)))[:MAX_MARKS]
            found[-1] = Sentence(last.text, last.start, start + len(whole.rstrip()), both, last.quotes)
        start = end
    return tuple(found)


def check(
    sentence: Sentence, sources: Mapping[int, str], about: Mapping[int, str] | None = None
) -> tuple[Citation, ...]:
    """Return what each mark proves in its source.

    That is one of the sentence's quotes; without any, all of the sentence, or a sentence of the source that says the
    same. `about`: title and heading of each source.
    """
    return tuple(
        check_mark(n, sentence, sources.get(n, ""), (about or {}).get(n, "")) for n in sentence.marks
    )


def mark_unsupported(
    sentences: Sequence[Sentence], sources: Mapping[int, str], about: Mapping[int, str] | None = None
) -> tuple[Checked, ...]:
    """Return every sentence with its citations checked; one without a verified citation is not supported."""
    return tuple(Checked(sentence, check(sentence, sources, about)) for sentence in sentences)


def check_mark(n: int, sentence: Sentence, source: str, about: str = "") -> Citation:
    """Return what one mark proves in one source."""
    for quote in sentence.quotes or (sentence.text,):
        place = find(quote, source)
        if place is not None:
            return Citation(n, source[place[0] : place[1]], True, *place)
    # Words between quotation marks claim to be the source's own; others may be the engine's.
    if not sentence.quotes and (place := support.find(sentence.text, source, about=about)) is not None:
        return Citation(n, source[place[0] : place[1]], True, *place)
    return Citation(n, sentence.quotes[0] if sentence.quotes else "", False)


def _ends(text: str) -> Iterator[int]:
    quoted = [(match.start(), match.end()) for match in _QUOTED.finditer(text)]
    for match in _END.finditer(text):
        at, stop = match.start(), match.end(1)
        if any(first < at and stop < last for first, last in quoted):
            continue
        if match.group().strip() == "." and _ABBREVIATION.search(text, max(0, at - 12), at + 1):
            continue
        yield match.end()


def _normalise(text: str) -> tuple[str, list[int]]:
    """Return the text as it is compared and, for each of its characters, the offset it came from."""
    cut = {at for match in _CUT_WORD.finditer(text) for at in range(match.start(), match.end())}
    chars: list[str] = []
    offsets: list[int] = []
    at = 0
    while at < len(text):
        end = _end_of_cluster(text, at + 1)
        piece = text[at] if end == at + 1 else unicodedata.normalize("NFC", text[at:end])
        if at in cut:
            piece = ""
        elif piece.isspace():
            piece = "" if chars and chars[-1] == " " else " "
        elif not piece.isascii():
            piece = unicodedata.normalize("NFC", piece).translate(_SHAPES)
        elif piece == "`":
            piece = "'"
        for char in piece:
            chars.append(char)
            offsets.append(at)
        at = end
    return "".join(chars), offsets


def _end_of_cluster(text: str, end: int) -> int:
    while end < len(text) and text[end] > "\u02ff" and unicodedata.combining(text[end]):
        end += 1
    return end


def _is_edge(text: str, at: int) -> bool:
    """Say whether no word runs across the offset."""
    return at in (0, len(text)) or not (text[at - 1].isalnum() and text[at].isalnum())
