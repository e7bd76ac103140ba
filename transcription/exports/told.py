"""What a transcript says, as a value that any format can be made of."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import date

PARAGRAPH_MOST_S = 60.0  # of one speaker's words in one paragraph, if a sentence ends there

# Controls, half characters, and the marks that turn a line of text around: a file shows what was said and no more.
_UNFIT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff\u202a-\u202e\u2066-\u2069]"
)
_SENTENCE_ENDS = (".", "?", "!", "…")


def clean(text: str) -> str:
    """Return a text that any format can hold; its lines stay."""
    return _UNFIT.sub("", text.replace("\r\n", "\n").replace("\u2028", "\n").replace("\u2029", "\n"))


def one_line(text: str) -> str:
    """Return a text that any format can hold in one line."""
    return " ".join(clean(text).split())


def clock(seconds: float | None) -> str:
    """Return a second of the recording as people write it: 3:07, 1:03:07; empty for none."""
    if seconds is None:
        return ""
    minutes, rest = divmod(max(0, int(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


class Clean:
    """A value whose texts are made fit for a file when it is made, so that no format has to think of it."""

    __slots__ = ()

    def __post_init__(self) -> None:
        for each in fields(self):  # type: ignore[arg-type]  # only dataclasses inherit this
            value = getattr(self, each.name)
            if isinstance(value, str):
                object.__setattr__(self, each.name, one_line(value))
            elif isinstance(value, tuple) and value and isinstance(value[0], str):
                object.__setattr__(self, each.name, tuple(map(one_line, value)))


@dataclass(frozen=True, slots=True)
class Word(Clean):
    """A word and when it is heard."""

    text: str
    from_s: float
    to_s: float
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Segment(Clean):
    """What one speaker said without a pause."""

    from_s: float
    to_s: float
    text: str
    number: int | None = None  # of the speaker, from 1; None: nobody was told apart
    speaker: str = ""  # as people read it
    confidence: float | None = None
    words: tuple[Word, ...] = ()
    is_edited: bool = False


@dataclass(frozen=True, slots=True)
class Line(Clean):
    """A line of the summary, and where it was said."""

    text: str
    from_s: float | None = None
    to_s: float | None = None


@dataclass(frozen=True, slots=True)
class Summary(Clean):
    """The digest."""

    bullets: tuple[Line, ...] = ()
    risks: tuple[Line, ...] = ()
    ideas: tuple[Line, ...] = ()
    topics: tuple[Line, ...] = ()
    made_by: str = ""  # an engine; "" for rules
    is_outdated: bool = False  # the transcript was corrected since


@dataclass(frozen=True, slots=True)
class Task(Clean):
    """A task that somebody took on."""

    task: str
    owner: str = ""
    due: date | None = None
    due_words: str = ""
    state: str = ""  # as people read it
    state_code: str = ""
    quote: str = ""
    from_s: float | None = None


@dataclass(frozen=True, slots=True)
class Turn(Clean):
    """What one speaker said until another did, or a paragraph of it."""

    from_s: float
    to_s: float
    speaker: str
    text: str


@dataclass(frozen=True, slots=True)
class Told(Clean):
    """A transcript with all that is handed out of it."""

    title: str
    school: str
    recorded_on: date | None = None
    duration_s: float | None = None
    language: str = "es"
    speakers: tuple[str, ...] = ()  # in the order in which they are first heard
    segments: tuple[Segment, ...] = ()
    summary: Summary | None = None
    tasks: tuple[Task, ...] = ()
    engines: tuple[str, ...] = ()  # that wrote down what was heard
    speakers_by: str = ""  # as people read it
    warnings: tuple[str, ...] = ()  # what a reader has to know before believing it


def turns(segments: Iterable[Segment]) -> Iterator[Turn]:
    """Yield paragraphs: consecutive segments of one speaker, up to about a minute."""
    held: list[Segment] = []
    for each in segments:
        if held and (each.number != held[-1].number or _is_long(held)):
            yield _turn(held)
            held = []
        if each.text:
            held.append(each)
    if held:
        yield _turn(held)


def _is_long(held: list[Segment]) -> bool:
    length_s = held[-1].to_s - held[0].from_s
    return length_s > 2 * PARAGRAPH_MOST_S or (
        length_s > PARAGRAPH_MOST_S and held[-1].text.endswith(_SENTENCE_ENDS)
    )


def _turn(held: list[Segment]) -> Turn:
    text = " ".join(each.text for each in held)
    return Turn(held[0].from_s, max(each.to_s for each in held), held[0].speaker, text)
