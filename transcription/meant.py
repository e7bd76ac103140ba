"""Whether a verb is meant: not denied, wished, supposed, put under a condition, told of others, or long past."""

import re

from engines.sentences import set_of
from transcription.phrases import level

_HEDGE = re.compile(
    r"\b(?:ojala|(?:me|nos|le|les) (?:gustaria|encantaria|parece)|quisiera\w*|querria\w*|habria|hay que|habra que|"
    r"hubiera\w*|deberia\w*|podria\w*|tendria\w*|estaria|quizas?|tal vez|a lo mejor|seria|convendria|capaz que|"
    r"hace falta|preferiria|tocaria|propongo|proponemos|quiero que|queremos|no se si|no creo que|como si)\b"
)
_REPORTS = re.compile(
    r"\b(?:dijo|dijeron|dije|dijimos|dice|dicen|decia|decian|prometio|prometieron|propuso|propusieron|comento|"
    r"comentaron|aseguro|aseguraron|conto|penso|pense|pensaba|creia|creo|iba|iban|ibamos|queria|querian|"
    r"se suponia|(?:ha|han|habia|habian) (?:dicho|prometido|pedido)|pidio|pidieron|pedia)\b"
)
_PAST = re.compile(
    r"\b(?:ayer|anoche|anteayer|(?:ano|mes|curso|lunes|martes|miercoles|jueves|viernes) pasado|semana pasada|"
    r"siempre|normalmente|antes de ayer|la ultima vez|el otro dia|hace (?:un|una|dos|tres|\d+) )"
)
_AS_ALWAYS = re.compile(r"\bcomo siempre\b")
_POLITE = re.compile(
    r"si (?:os|te|les|le|me|nos) (?:parece|permit\w+|importa)|si no (?:hay|os|te|le|les)|si puede ser"
)
# "A ver si", "mirar si": asks whether, and sets no condition.
_WHETHER = re.compile(
    r"(?:ver|saber|sabe|preguntar\w*|pregunto|decir\w*|dira|diga|digo|mirar\w*|miro|confirmar\w*|confirmo|comprobar|"
    r"compruebo|averiguar|averiguo|revisar\w*|reviso|como)\s+$"
)
_IF = re.compile(r"(?<!\w)si(?!\w)")
_PARTS = re.compile(r"[;.:]|,? pero |, asi que |, y (?=\w+ )|\by (?=(?:yo|el|ella|luego|despues)\b)")
_NOT = set_of("no nunca tampoco nadie ni jamás sin")


def is_meant(low: str, upto: int, *, before: str) -> bool:
    """Say whether a verb at a place of a sentence in lower case is meant; `before`: the word in front of it."""
    if before in _NOT or is_conditional(low, upto):
        return False
    head = _PARTS.split(level(low[:upto]))[-1]
    plain = _AS_ALWAYS.sub("", level(low))
    return not (_HEDGE.search(head) or _REPORTS.search(head) or _PAST.search(plain))


def is_conditional(low: str, upto: int) -> bool:
    """Say whether what a sentence says at a place depends on an "if", before it or right after a comma or word."""
    for found in _IF.finditer(low):
        if _POLITE.match(level(low[found.start() :])) or _WHETHER.search(level(low[: found.start()])):
            continue
        return found.start() < upto or bool(low[: found.start()].strip())
    return False


def is_denied(word: str) -> bool:
    """Say whether a word turns what follows into its contrary."""
    return word in _NOT
