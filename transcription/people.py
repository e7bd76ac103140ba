"""Who is meant in what is said at a meeting: names, posts of a school, and whom somebody turns to."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engines.sentences import set_of
from engines.spanish import STOPWORDS
from transcription import verbs
from transcription.phrases import Sentence, level, lower

_TOKEN = re.compile(r"[^\W_]+|[^\w\s]")
# Posts by their stems, and groups; of these alone a "will do" is a task: not of editors, firms, pupils or the weather.
_POSTS = re.compile(
    r"(?:vice|sub|co)?(?:director|rector|president|secretari|administrador|coordinador|orientador|tutor|preceptor|profesor|profe|"
    r"maestr|jef|consej?er|conserje|bedel|portero|regente|psicolog|psicopedagog|bibliotecari|"
    r"encargad|responsable|trabajador|logoped|enfermer|pagador|contador|tesorer|vocal|delegad|asesor|seno|docente|"
    r"interventor|cocinero|monitor|sostenedor|capellan)\w*$"
)
_GROUPS = set_of(
    "equipo departamento comision ampa afa jefatura secretaria direccion vicedireccion administracion orientacion "
    "conserjeria gabinete cooperadora claustro consejo ciclo seminario papa mama padre madre senor senora don "
    "dona tutores brigada preceptoria biblioteca coordinacion rectoria tesoreria inspectoria utp "
)
_TITLES = set_of(
    "don doña señor señora señorita sr sra profe profesor profesora maestra maestro seño doctora doctor"
)
_ARTICLES = set_of("el la los las nuestro nuestra cada")
_JOINS = frozenset(("de", "del"))
_POINTING = frozenset(("él", "ella", "ellos", "ellas"))
# Words that begin sentences with a capital and name nobody.
_OPENERS = set_of(
    "bueno vale perfecto gracias claro hecho listo dale genial fenomenal bien ojala hoy manana ayer ahora luego "
    "despues entonces pues ademas tambien si no ya venga hola buenas buenos oye mira mire perdon perdona nada "
    "acordamos queda quedamos siguiente ultima ultimo primero segundo tercero tercer otra otro falta faltan mejor "
    "quizas tal vez igual excelente exacto acuerdo supuesto habria hay habra deberiamos podriamos tendriamos "
    "aunque mientras cuando donde como secretos eso esto esa ese ahi aqui alla todavia pasamos pasemos empecemos "
    "empezamos san santa segun necesito necesitamos urge corrijo total vamos "
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word or mark of a sentence, in lower case with accents, and its place in it."""

    text: str
    start: int
    end: int
    is_capital: bool

    @property
    def is_word(self) -> bool:
        """Say whether it is no mark."""
        return self.text[0].isalnum()


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody named in a sentence: from token `first` up to `last`, not included."""

    name: str
    first: int
    last: int


def tokens(sentence: Sentence) -> list[Token]:
    """Return the words and marks of a sentence."""
    text, low = sentence.text, lower(sentence.text)
    return [
        Token(low[found.start() : found.end()], found.start(), found.end(), text[found.start()].isupper())
        for found in _TOKEN.finditer(text)
    ]


def known_names(said: Iterable[Sentence]) -> frozenset[str]:
    """Return the names that a transcript shows to be some: of speakers, and with a capital inside a sentence."""
    found: set[str] = set()
    for sentence in said:
        found.update(word for word in level(sentence.speaker).split() if word not in STOPWORDS)
        inside = False
        for token in tokens(sentence):
            if token.is_word and token.is_capital and inside and level(token.text) not in STOPWORDS:
                found.add(level(token.text))
            inside = token.is_word or token.text == ","
    return frozenset(found - _OPENERS)


def person_at(listed: Sequence[Token], at: int, text: str, known: frozenset[str]) -> Person | None:
    """Return the person who is named from a token on; None where nobody is."""
    if at >= len(listed) or not listed[at].is_word:
        return None
    first, here = at, at
    if listed[here].text in _ARTICLES:
        here += 1
    if here >= len(listed) or not listed[here].is_word:
        return None
    word = level(listed[here].text)
    is_general = word == "inspector" and here + 1 < len(listed) and listed[here + 1].text == "general"
    if listed[here].text in _TITLES or _is_post(word) or is_general:
        last = _rest(listed, here + 1)
        return Person(text[listed[first].start : listed[last - 1].end], first, last)
    if here == at + 1 and listed[at].text != "la":
        return None
    if listed[here].is_capital and _is_name(word, listed[here].text, here, known):
        last = here + 1
        while last < len(listed) and listed[last].is_capital and listed[last].is_word:
            last += 1
        return Person(text[listed[here].start : listed[last - 1].end], first, last)
    return None


def all_in(listed: Sequence[Token], text: str, known: frozenset[str]) -> list[Person]:
    """Return everybody who is named in a sentence, in order."""
    found: list[Person] = []
    at = 0
    while at < len(listed):
        person = person_at(listed, at, text, known)
        if person:
            found.append(person)
        at = person.last if person else at + 1
    return found


def is_pointing(token: Token) -> bool:
    """Say whether a word stands for a person named before."""
    return token.text in _POINTING


def addressed(listed: Sequence[Token], text: str, known: frozenset[str]) -> tuple[Person, int] | None:
    """Return whom a sentence turns to, and the token where what it says to them begins; None when to nobody.

    "Marta, manda…", "Llámelo usted, don Hernán", "Señora, ¿me puede…?".
    """
    at = 0
    while at < len(listed) and (not listed[at].is_word or level(listed[at].text) in _OPENERS):
        at += 1
    person = person_at(listed, at, text, known)
    is_called = person is not None and person.last < len(listed) and listed[person.last].text in ",¿"
    if person and is_called and listed[at].text not in _ARTICLES:
        return person, person.last + 1
    for comma in (index for index, token in enumerate(listed) if token.text == ","):
        person = person_at(listed, comma + 1, text, known)
        if person and listed[comma + 1].text not in _ARTICLES:
            after = listed[person.last].text if person.last < len(listed) else "."
            if after in ".?!,":
                return person, at
    return None


def _is_post(word: str) -> bool:
    return word in _GROUPS or _POSTS.match(word) is not None


def _is_name(word: str, written: str, at: int, known: frozenset[str]) -> bool:
    if word in STOPWORDS or word in _OPENERS or len(word) < 3:
        return False
    if word in known:
        return True
    return verbs.of(written) is None and not word.isdigit()


def _rest(listed: Sequence[Token], at: int) -> int:
    """Return the end of a post's name: "de convivencia", "académica", "Ledesma", "de los tutores"."""
    last = at
    while last < len(listed):
        token = listed[last]
        if token.is_word and token.is_capital:
            last += 1
        elif token.text in _JOINS and last + 1 < len(listed) and listed[last + 1].is_word:
            last += 3 if listed[last + 1].text in ("la", "los", "las", "el") and last + 2 < len(listed) else 2
        elif (
            token.text.endswith(("ica", "ico", "ivo", "iva", "ral", "ial", "dor"))
            and verbs.of(token.text) is None
        ):
            last += 1
        else:
            break
    return last
