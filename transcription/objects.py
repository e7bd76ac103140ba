"""What a task is about: the words after its verb, or what a pronoun stands for."""

import re
from collections.abc import Callable, Sequence
from typing import TypeVar

from engines.sentences import set_of
from transcription import due_dates, verbs
from transcription.due_dates import ANY_DAY, Due
from transcription.people import tokens
from transcription.phrases import Sentence, level, lower
from transcription.verbs import NO_TASKS, Form

T = TypeVar("T")

MOST_CHARS = 200
_LOOK_BACK = 4  # sentences
DIRECT = frozenset(("lo", "la", "los", "las"))
CLITICS = DIRECT | set_of("le les se me te os nos")
PREPOSITIONS = set_of("a de con para en por al del si")
# Where what is to be done ends: a reason, an aside, a second thought.
_ENDS = re.compile(
    r"[.;:!?¿¡—]|,?\s+(?:porque|pero|aunque|pues|ya que|a ver si|como siempre|que conste|en cuanto)\b|"
    r",\s*(?:que|no|eh|este|ya|asi|con lo que|si|perdon|mejor|o sea|digo|por favor|bueno|anda|vale|verdad|cuando|donde|"
    r"luego|entonces|sin prisa)\b"
)
_FILLERS = re.compile(
    r"(?:^|(?<=[\s,]))(?:eh|em|este|bueno|o sea|por favor|porfa|yo|tú|vos|usted|nosotros|también|ya|entonces|pues|"
    r"digamos|a ver|mismo|misma|"
    r"a las? (?:una|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce|\d+(?:[:.]\d\d)?)"
    r"(?: y (?:media|cuarto))?)(?=[\s,]|$),?",
    re.IGNORECASE,
)
_EDGES = re.compile(
    r"^(?:[\s,]+|y\s+)|(?:[\s,]+(?:y|e|o|para|antes|en|a|de|del|el|hasta|desde|por|que|no|perdón|mejor))+[\s,]*$|[\s,]+$",
    re.IGNORECASE,
)
_NOUN = r"[^\W\d_]{3,}"
_NOUNS = re.compile(
    r"(?<!\w)(?P<article>el|la|los|las|un|una|unos|unas|mis?|tus?|sus?|del|al|dos|tres|cuatro|cinco)\s+"
    rf"(?P<noun>{_NOUN}(?:\s+(?:de|del|con|para|en)(?:\s+(?:la|el|los|las))?\s+[^\W\d_]+"
    r"|\s+[^\W_]+(?:al|ales|ivo|iva|ivos|ivas|ico|ica|icos|icas|ado|ada|ados|adas|nuevo|nueva|nuevos|nuevas))*)",
    re.IGNORECASE,
)
_LIKE = {
    "lo": ("el", "un", "del", "al", "mi", "tu", "su"),
    "la": ("la", "una", "mi", "tu", "su"),
    "los": ("los", "unos", "mis", "tus", "sus", "dos", "tres", "cuatro", "cinco"),
    "las": ("las", "unas", "mis", "tus", "sus", "dos", "tres", "cuatro", "cinco"),
}
_NO_NOUNS = set_of(
    "vamos van tengo tiene tienen hemos han hay son era fue tarde mañana noche verdad vez semana año mes día hora "
    "final menos mejor mismo misma otra otro que primera segundo tercer siguiente próxima próximo salida"
)
_LEAD = re.compile(
    r"^(?:[\s,]*(?:y|e|pero|pues|bueno|entonces|vale|sí|claro|yo|eh|perfecto|además|también|de acuerdo|hecho|listo|"
    r"así que)"
    r"(?=[\s,]))*[\s,]*",
    re.IGNORECASE,
)
_OBJECT = re.compile(
    r"(?:a(?:l| la| los| las)? )?(?:el|la|los|las|un|una|unos|unas|mi|tu|su|mis|sus|este|esta|estos|estas|dos|tres|"
    r"cuatro|lo que|al|otra|otro|todos|todas|todo|[A-ZÁÉÍÓÚ]\w+)\b"
)


def after(text: str, start: int, *, dues: Sequence[Due], end: int | None = None) -> str:
    """Return what is to be done from a place in a sentence on, without dates and asides."""
    stop = _ENDS.search(level(text), start)
    last = min(stop.start() if stop else len(text), len(text) if end is None else end)
    return tidy(_without(text, start, last, dues))


def before(text: str, start: int, end: int, dues: Sequence[Due]) -> str:
    """Return what stands before a pronoun that takes it up: "la factura, la pago yo"; empty where nothing does."""
    piece = _LEAD.sub("", tidy(_without(text, start, end, dues)))
    piece = re.sub(r"^de\s+(?=el|la|los|las)", "", piece, flags=re.IGNORECASE)
    piece = re.sub(r"^del\s+", "el ", piece, flags=re.IGNORECASE)
    return piece[:1].lower() + piece[1:] if _NOUNS.match(piece) else ""


def has_object(about: str) -> bool:
    """Say whether the words after a verb begin with what it is about."""
    return _OBJECT.match(about) is not None


def tidy(text: str) -> str:
    """Return words without fillers, loose commas and what hangs at their edges."""
    plain, previous = " ".join(_FILLERS.sub(" ", text).split()), ""
    while plain != previous:
        previous, plain = plain, _EDGES.sub("", plain)
    return re.sub(r"\s+,", ",", plain)[:MOST_CHARS]


def stands_for(pronoun: str, infinitive: str, earlier: Sequence[Sentence]) -> str:
    """Return what a pronoun stands for, from the sentences before it; empty when nothing fits."""
    same = said_before(infinitive, earlier)
    if same:
        return same
    for sentence in reversed(earlier[-_LOOK_BACK:]):
        for found in _NOUNS.finditer(sentence.text):
            if found["article"].lower() in _LIKE[pronoun] and _is_thing(found):
                article = {"del": "el", "al": "el"}.get(found["article"].lower(), found["article"].lower())
                return f"{article} {found['noun']}"
    return ""


def said_before(infinitive: str, earlier: Sequence[Sentence]) -> str:
    """Return what the same deed was about when it was last spoken of; empty when it was not."""
    found = (_same_verb(infinitive, sentence) for sentence in reversed(earlier[-_LOOK_BACK:]))
    return next(filter(None, found), "")


def left_to_do(
    sentence: Sentence, earlier: Sequence[Sentence], *, made: Callable[[str, str, str], T]
) -> T | None:
    """Return what the same speaker said just before was left to do, "me falta incorporar…", made of its words."""
    for before_it in reversed(earlier):
        if before_it.turn_index != sentence.turn_index:
            break
        for token in tokens(before_it)[1:]:
            verb = verbs.of(token.text)
            if verb and verb.form == Form.INFINITIVE and verb.infinitive not in NO_TASKS:
                about = after(before_it.text, token.end, dues=())
                if about:
                    return made(sentence.speaker, verb.infinitive, about)
    return None


def topic(earlier: Sequence[Sentence]) -> str:
    """Return what was being talked of: the last deed that was asked for, or the last thing asked about."""
    for sentence in reversed(earlier[-3:]):
        for token in tokens(sentence):
            verb = verbs.of(token.text)
            is_deed = verb is not None and verb.form in (Form.INFINITIVE, Form.DOES, Form.LET)
            if verb and is_deed and verb.infinitive not in NO_TASKS:
                about = after(sentence.text, token.end, dues=())
                if about:
                    return f"{verb.infinitive} {about}"
        found = re.match(r"\W*(?:y\s+)?((?:el|la|los|las)\s+[^?.,]+)", sentence.text, re.IGNORECASE)
        if found:
            return found[1][:1].lower() + found[1][1:]
    return ""


def _is_thing(found: re.Match[str]) -> bool:
    first = lower(found["noun"].split()[0])
    return first not in _NO_NOUNS and verbs.of(first) is None and due_dates.find(found[0], ANY_DAY) is None


def _same_verb(infinitive: str, sentence: Sentence) -> str:
    listed = tokens(sentence)
    for at, token in enumerate(listed):
        verb = verbs.of(token.text) or (verbs.ordered(token.text) if at < 3 else None)
        if (
            verb is None
            or verb.infinitive != infinitive
            or (at and listed[at - 1].text in ("el", "un", "del", "al"))
        ):
            continue
        rest = after(sentence.text, token.end, dues=due_dates.find_all(sentence.text, ANY_DAY))
        if has_object(rest):
            return rest
    return ""


def _without(text: str, start: int, end: int, dues: Sequence[Due]) -> str:
    pieces: list[str] = []
    at = start
    for due in dues:
        if due.start < end and due.end > at:
            pieces.append(text[at : max(at, due.start)])
            at = due.end
    pieces.append(text[at:end] if at < end else "")
    return " ".join(pieces)
