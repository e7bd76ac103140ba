"""Requests, and whether somebody accepts them: "Lucía, ¿puedes enviar…?" — "Sí, lo envío"."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from engines.sentences import set_of
from transcription import meant, people, verbs
from transcription.objects import CLITICS
from transcription.phrases import Sentence, level, lower
from transcription.promising import Promise, Told
from transcription.verbs import NO_TASKS, Form

_WITHIN_TURNS = 2
_WITHIN_SENTENCES = 5
_ASKING = set_of("puedes podés puede podrías podría podéis pueden podrían quieres querés")
_CHARGED = set_of("encargas ocupas encargás ocupás")
_ACCEPTS = re.compile(
    r"^\W*(?:(?:ay|ah|bueno|pues|uy|eh|hombre|mujer)\W+)?(?:si|claro|vale|dale|de acuerdo|por supuesto|ok|okey|okay|"
    r"hecho|listo|con (?:mucho )?gusto|sin problema|perfecto|desde luego|como no|cuenta con ello|venga|encantad[oa]|"
    r"va|faltaria mas|entendido|obvio|barbaro|buenisimo|ahora mismo|esta bien|bien)\b"
)
_REFUSES = re.compile(
    r"\bno (?:puedo|podre|voy|tengo|creo|quiero|me)\b|^\W*(?:no|imposible|lo siento|es que|uf|uy)\b"
)
_GOES_ON = re.compile(r"(?:yo )?(?:(?:se|te|os|les|le|me) )?(?:lo|la|los|las|encargo)\b")
_SPEAKER = re.compile(r"(?:hablante|speaker|voz|interlocutor)\s*\d*$")


@dataclass(frozen=True, slots=True)
class Answer:
    """The sentences by which somebody accepts, by their numbers; `speaker` empty where nobody knows who it was."""

    first: int
    last: int
    speaker: str


def request(told: Told) -> Promise | None:
    """Return what a question asks somebody to do; None when it asks for no deed."""
    low = lower(told.sentence.text)
    if meant.is_conditional(low, len(low)):
        return None
    turned = people.addressed(told.tokens, told.sentence.text, told.known)
    owner = turned[0].name if turned else ""
    for at, token in enumerate(told.tokens[:-1]):
        follows = told.tokens[at + 1].text
        if token.text in _ASKING and not (at and told.tokens[at - 1].text == "se"):
            return _asked_to(told, at, owner)
        if token.text in ("te", "se") and (
            follows in _CHARGED or (owner and follows in ("encarga", "ocupa"))
        ):
            charged = told.charged(at + 1, owner)
            return replace(charged, is_asked=True, confidence=0.5) if charged else None
        verb = verbs.of(follows)
        is_favour = token.text in ("me", "nos", "le", "les") and verb and verb.infinitive not in NO_TASKS
        if is_favour and verb and (verb.form == Form.YOU_DO or (owner and verb.form == Form.DOES)):
            return replace(told.about(at + 1, verb, set(), owner, 0.5), is_asked=True)
    return None


def answer(said: Sequence[Sentence], index: int, *, is_needed: bool) -> Answer | None:
    """Return how the request of a sentence is accepted, at once; None when it is not.

    `is_needed`: it is a question, and a promise accepts it too; an order is only seconded.
    """
    asked = said[index]
    for at in range(index + 1, min(index + 1 + _WITHIN_SENTENCES, len(said))):
        other = said[at]
        if other.turn_index == asked.turn_index and (not is_needed or other.speaker):
            continue
        if other.turn_index - asked.turn_index > (_WITHIN_TURNS if is_needed else 1):
            return None
        if other.is_question or (other.speaker and other.speaker == asked.speaker):
            return None
        accepts = _ACCEPTS.match(level(other.text)) is not None
        promises = is_needed and _promises(other)
        if not (accepts or promises) or (_REFUSES.search(level(other.text)) and not promises):
            return None
        is_known = bool(other.speaker) and not _SPEAKER.match(level(other.speaker))
        return Answer(at, _read_on(said, at), other.speaker if is_known else "")
    return None


def _asked_to(told: Told, at: int, owner: str) -> Promise | None:
    for here in range(at + 1, min(at + 7, len(told.tokens))):
        verb = verbs.of(told.tokens[here].text)
        if verb and verb.form == Form.INFINITIVE and verb.infinitive != "volver":
            if verb.infinitive in NO_TASKS and verb.infinitive != "pasar":
                return None
            clitics = {token.text for token in told.tokens[at:here] if token.text in CLITICS}
            return replace(told.about(here, verb, clitics, owner, 0.5), is_asked=True)
    return None


def _promises(sentence: Sentence) -> bool:
    if re.search(r"\bno\b", level(sentence.text)):
        return False
    found = (verbs.of(token.text) for token in people.tokens(sentence))
    return any(verb is not None and verb.form in (Form.I_DO, Form.I_WILL) for verb in found)


def _read_on(said: Sequence[Sentence], at: int) -> int:
    """Return the last sentence of an acceptance: what says when, if it follows at once."""
    for following in (at + 1, at + 2):
        if following >= len(said) or said[following].turn_index != said[at].turn_index:
            break
        text = level(said[following].text)
        if not _GOES_ON.match(text) and not _ACCEPTS.match(text):
            break
        at = following
    return at
