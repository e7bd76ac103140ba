"""Tell what kind of thing a question asks for, and which kinds a sentence holds: dates, numbers, names."""

import re

from engines.sentences import set_of

# Bits, kept one byte per sentence in the stored analysis.
NUMBER, DATE, NAME, SHARE, REASON, HOUR, MONEY = 1, 2, 4, 8, 16, 32, 64

_NUMBER_WORDS = set_of(
    "uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciseis "
    "diecisiete dieciocho diecinueve veinte veinticinco treinta cuarenta cincuenta sesenta setenta ochenta "
    "noventa cien ciento cientos doscientos trescientos quinientos mil miles millon millones mitad tercio "
    "cuarto doble triple docena primer primera primero segunda segundo tercer tercera tercero"
)
_DATE_WORDS = set_of(
    "enero febrero marzo abril mayo junio julio agosto septiembre setiembre octubre noviembre diciembre "
    "lunes martes miercoles jueves viernes sabado domingo siglo decada dias semanas meses anos"
)
_REASON_WORDS = set_of(
    "porque debido causa causas motivo motivos razon razones gracias consecuencia pues fin"
)
_HOUR_WORDS = set_of("hora horas hs hrs am pm mediodia medianoche")
_MONEY_WORDS = set_of("pesos dolares euros quetzales soles centavos libras usd ars")
_OF_LISTED = {
    word: kind
    for kind, listed in (
        (NUMBER, _NUMBER_WORDS),
        (DATE, _DATE_WORDS),
        (REASON, _REASON_WORDS),
        (HOUR, _HOUR_WORDS),
        (MONEY, _MONEY_WORDS),
    )
    for word in listed
}
_CLOCK = re.compile(r"\d{1,2}[:.]\d{2}\b")
_OF_THE = r"(?: (?:es|era|fue|son))?(?: (?:el|la|los|las))? "
_PERIOD = "(?:anos?|fechas?|dias?|mes|siglo|decada|epoca|periodo|plazo)"
_AMOUNT = "(?:cantidad|numero|edad|altura|distancia|tamano|poblacion|temperatura|duracion|minimo|maximo|nota)"
_ASKED = tuple(
    (re.compile(pattern), asked_for)
    for asked_for, pattern in (
        (SHARE | NUMBER, r"\bporcentaje|\bproporcion|\bque parte\b"),
        (HOUR, r"\ba que hora|\bque horario|\bhorario de\b|\bdesde que hora"),
        (DATE, rf"\bcuando\b|\b(?:que|cual|cuales){_OF_THE}{_PERIOD}\b"),
        (MONEY | NUMBER, r"\bcuanto (?:cuesta|vale|sale|dinero)|\bque (?:precio|monto|importe|costo)"),
        (NUMBER, rf"\bcuant[oa]s?\b|\b(?:que|cual){_OF_THE}{_AMOUNT}\b"),
        (NAME, r"\bquien(?:es)?\b|\bque (?:persona|autor|rey|lider|presidente|docente)"),
        (NAME, r"\bnombre\b|\bcomo se llama"),
        (NAME, r"\bdonde\b|\bque (?:pais|ciudad|lugar|estado|region|rio|aula|escuela)\b"),
        (REASON, rf"\bpor que\b|\bcual{_OF_THE}(?:razon|motivo|causa)"),
    )
)


def of_word(form: str, folded: str) -> int:
    """Return the kinds of one word as written; a capital counts as a name, wherever it stands."""
    if folded[0].isdigit():
        is_year = len(folded) == 4 and folded.isdigit() and "1000" <= folded <= "2100"
        return NUMBER | DATE if is_year else NUMBER
    return _OF_LISTED.get(folded, 0) | (NAME if form[0].isupper() else 0)


def of_marks(sentence: str) -> int:
    """Return the kinds that marks tell: per cent, money, clock."""
    found = SHARE if "%" in sentence or "por ciento" in sentence else 0
    if "$" in sentence or "€" in sentence:
        found |= MONEY
    if ":" in sentence and _CLOCK.search(sentence):
        found |= HOUR
    return found


def wanted(folded_words: list[str]) -> int:
    """Return the kinds that would answer the question; 0 when it does not tell."""
    text = " ".join(folded_words)
    for pattern, kinds in _ASKED:
        if pattern.search(text):
            return kinds
    return 0
