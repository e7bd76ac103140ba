"""Names of people in running text: a usual given name beside another word that begins with a capital.

The list holds given names that are usual in the Spanish of both shores. A name that is not on it is found only where
something else says that it is one: the word "alumna" before it, a list's column.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from engines.sentences import set_of
from engines.spanish import STOPWORDS, fold

AROUND_CHARS = 160
_WORD = re.compile(r"[^\W\d_]+")
_INITIALS = re.compile(r"(?<!\w)[A-ZÁÉÍÓÚÑ]\. ?[A-ZÁÉÍÓÚÑ]\.(?: ?[A-ZÁÉÍÓÚÑ]\.)?")
_BETWEEN = re.compile(r"[ ,\t|.]{1,3}(?:(?:de|del|la|las|los|y) ){0,2}")

# What is named after somebody is not somebody.
_NAMED_AFTER = set_of("""
    escuela colegio instituto liceo jardin universidad facultad hospital clinica sanatorio centro calle avenida av
    plaza barrio ruta pasaje puente estadio teatro biblioteca museo premio ley programa plan fundacion editorial san
    santa santo provincia ciudad pueblo departamento municipio partido localidad estacion parque aula sala salon
    lago rio isla cerro puerto club eep ees cens sociedad villa colonia
""")
# What never is a part of a name, though it has a capital: months, days, and places that begin as people do.
_NEVER = set_of("""
    enero febrero marzo mayo junio septiembre setiembre octubre noviembre diciembre lunes martes miercoles jueves
    viernes sabado estero chile compostela cuba tobago nacional federal provincial educativo educativa escolar
    argentina mexico espana uruguay dni cuil cuit rut run curp nif nie
""")
_NO_PART = STOPWORDS | _NEVER | _NAMED_AFTER
_GIVEN = set_of("""
    aaron abel abigail abril abraham adela adolfo adrian adriana agostina agustin agustina aida ailen ainara aitana
    alan alba alberto aldana alejandra alejandro alejo alex alexander alexandra alexis alfonso alfredo alicia alma
    alondra alvaro amalia amanda amelia amparo ana analia anahi andrea andres angel angela angelica angelina
    antonela antonella antonia antonio araceli ariadna ariana ariel armando arturo astrid augusto aurora axel
    barbara bartolome bautista beatriz belen benicio benito benjamin bernarda bernardo betina bianca blanca brandon
    braian brenda brian brisa bruno camila camilo candela carina carla carlos carmen carolina catalina cecilia
    celeste celia cesar christian cintia ciro clara claudia claudio constanza cristian cristina cristobal daiana
    dafne dalma damian dana daniel daniela dante dario david debora delfina delia diana diego dolores dora dylan
    edgar edgardo edith eduardo elba elena eliana elias elisa elizabeth eloisa elsa elvira emanuel emilia emiliano
    emilio emma enrique enzo eric erica erika ernestina ernesto esteban estefania estela ester eugenia eugenio eva
    evelyn ezequiel fabian fabiana fabio fabricio facundo fatima federico felicitas felipe felix fermin fernanda
    fernando fiorella flavia florencia francesca francisca francisco franco gabriel gabriela gael gaston genesis
    gerardo german gimena gisela giselle gladys gloria gonzalo graciela gregorio guadalupe guido guillermina
    guillermo gustavo hector helena hernan hilda horacio hugo ian ignacia ignacio igor ines ingrid inti irene iris
    irina irma isaac isabel isabella isidro ismael ivan ivana ivo jaime janet javier jazmin jeremias jessica jesica
    jesus jimena joana joaquin joaquina jonas jonatan jonathan jorge jose josefa josefina josue juan juana juanita
    julia julian juliana julieta julio justina karen karina katherine kevin kiara lara laura lautaro lazaro leandro
    leila lenka leon leonardo leonel leonor leticia lia lidia liliana lisandro lola lorena lorenzo lourdes luana
    luca lucas lucia luciana luciano lucila luis luisa luisina luna luz mabel macarena magali magdalena maite malena
    manuel manuela mara marcela marcelo marcia marco marcos margarita maria mariana mariangeles mariano maribel
    mariela marina mario marisa marisol marta martha martin martina mateo matias matilde mauricio mauro maximiliano
    maximo maya mayra melanie melina melisa melissa mercedes mia micaela miguel milagros milena mirta mirtha moises
    monica montserrat morena mora nadia nahuel nahiara nancy natalia nazarena nazareno nehuen nelida nelly nelson
    nerea nestor nicolas nicole noelia noemi nora norberto norma nuria octavio ofelia olga oliver olivia omar
    orlando oriana oscar osvaldo pablo paloma pamela paola patricia patricio paula paulina pedro pilar priscila
    rafael rafaela ramiro ramon ramona raquel raul rebeca regina renata renzo ricardo rita roberto rocio rodolfo
    rodrigo rogelio roman romina roque rosa rosalia rosana rosario roxana ruben rufino ruth sabrina salma salome
    salvador samanta samira samuel sandra santiago santino sara sasha saul sebastian selena sergio silvana silvia
    silvina simon simona sofia sol soledad sonia stefania stella susana tadeo tamara tania tatiana teo teresa thiago
    tiago tiziana tiziano tobias tomas trinidad ulises uma uriel ursula valentin valentina valentino valeria valerio
    vanesa vanessa veronica vicente victor victoria violeta virginia viviana walter wanda wendy ximena xavier yago
    yamila yanina yesica yolanda zaira zoe zulema
""")


@dataclass(frozen=True, slots=True)
class Name:
    """Where a name stands."""

    start: int
    end: int


def is_given(word: str) -> bool:
    """Say whether a word, folded, is a usual given name."""
    return word in _GIVEN


def on_line(text: str, start: int, end: int) -> Name | None:
    """Return a person's name on the line around a place, as far as a short way off."""
    first, last = line_around(text, start, end)
    return find(text, first, last)


def line_around(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the line that holds a place, no further than a short way to either side."""
    first = text.rfind("\n", max(0, start - AROUND_CHARS), start) + 1 or max(0, start - AROUND_CHARS)
    stop = text.find("\n", end, end + AROUND_CHARS)
    return first, stop if stop >= 0 else min(len(text), end + AROUND_CHARS)


def find(text: str, first: int, last: int) -> Name | None:
    """Return the first name of a person between two characters."""
    words = list(_WORD.finditer(text, first, last))
    folded = [fold(word[0]) for word in words]
    for index, word in enumerate(words):
        if folded[index] not in _GIVEN or not word[0][0].isupper() or len(word[0]) < 2:
            continue
        low, high = _reach(text, words, folded, index)
        if high > low and not _is_named_after(text, words, folded, low):
            return Name(words[low].start(), words[high].end())
    return None


def initials(text: str, first: int, last: int) -> Name | None:
    """Return the first initials of somebody ("B. M.") between two characters."""
    match = _INITIALS.search(text, first, last)
    return Name(*match.span()) if match else None


def _reach(text: str, words: Sequence[re.Match[str]], folded: Sequence[str], index: int) -> tuple[int, int]:
    """Return the first and the last of the words that make a name with a given name: up to two before, three after."""
    low = high = index
    while (
        high + 1 < len(words)
        and high < index + 3
        and folded[high + 1] not in _NO_PART
        and _together(text, words[high], words[high + 1])
    ):
        high += 1
    while low > 0 and low > index - 2 and _together(text, words[low - 1], words[low]):
        low -= 1
    if low < index and folded[low] in _NAMED_AFTER:
        return index, index
    # What stands at the head of a sentence has a capital without being a name ("Los", "Según").
    while low < index and folded[low] in _NO_PART:
        low += 1
    return low, high


def _together(text: str, word: re.Match[str], after: re.Match[str]) -> bool:
    if not (word[0][0].isupper() and after[0][0].isupper()) or len(after[0]) < 2 or len(word[0]) < 2:
        return False
    return _BETWEEN.fullmatch(text, word.end(), after.start()) is not None


def _is_named_after(text: str, words: Sequence[re.Match[str]], folded: Sequence[str], low: int) -> bool:
    near = [
        word
        for word in range(max(0, low - 3), low)
        if "\n" not in text[words[word].end() : words[low].start()]
    ]
    return any(folded[word] in _NAMED_AFTER for word in near)
