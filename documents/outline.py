"""Signs of structure in Spanish school texts: headings, articles, list markers."""

import re

MAX_HEADING_CHARS = 160

_ORDINAL = (
    r"(?:[IVXLCDM]{1,7}|\d{1,3}|[A-Z]|[ÚU]NIC[OA]|PRELIMINAR|PRIMER[OA]?|SEGUND[OA]|TERCER[OA]?|CUART[OA]|QUINT[OA]|SEXT[OA]"
    r"|S[ÉE]PTIM[OA]|OCTAV[OA]|NOVEN[OA]|D[ÉE]CIM[OA])"
)
_STRUCTURAL = re.compile(
    r"(LIBRO|PARTE|T[ÍI]TULO|SUBT[ÍI]TULO|CAP[ÍI]TULO|SUBCAP[ÍI]TULO|SECCI[ÓO]N|ANEXO)"
    rf"(?:\s+{_ORDINAL})?(?=\s*$|\s*[.:\-–—°º)]|\s+\S)",
    re.IGNORECASE,
)
_BARE_STRUCTURAL = re.compile(
    rf"(?:LIBRO|PARTE|T[ÍI]TULO|SUBT[ÍI]TULO|CAP[ÍI]TULO|SUBCAP[ÍI]TULO|SECCI[ÓO]N|ANEXO)\s+{_ORDINAL}\s*[.:\-–—°º]*",
    re.IGNORECASE,
)
_LEVELS = {
    "libro": 1, "parte": 1, "titulo": 1, "anexo": 1, "subtitulo": 2, "capitulo": 2,
    "subcapitulo": 3, "seccion": 3,
}  # fmt: skip
_UNACCENTED = str.maketrans("ÁÉÍÓÚáéíóú", "AEIOUaeiou")
ARTICLE_LEVEL = 5

_CONTENTS_TITLES = {
    "indice", "indice general", "indice tematico", "contenido", "contenidos", "sumario", "tabla de contenido",
    "tabla de contenidos",
}  # fmt: skip
_CONTENTS_ENTRY = re.compile(r"(?:\.\s?){4,}\s*\d{1,4}\s*$")

_ARTICLE = re.compile(
    r"(?:ART[ÍI]CULO|Art[íi]culo|ART|Art)\b\s*\.?\s*"
    r"(?:\d{1,4}(?:\s?(?:bis|ter|qu[aá]ter))?|[IVXLC]{1,7}(?![a-z])|(?i:[úu]nico|primero|segundo|tercero|cuarto|quinto|sexto"
    r"|s[ée]ptimo|octavo|noveno|d[ée]cimo))"
    r"(?:\s*[°ºª])?(?:\s*[.:\-–—)]+|\s*$|(?<=[°ºª])|(?=\s+[A-ZÁÉÍÓÚÑ][a-záéíóúñ]))"
)
_LIST_MARKER = re.compile(
    r"(?:[•▪▫◦●○■□◆➢➤✓✔·‣–—*\-]|o(?=\s+[A-ZÁÉÍÓÚÑ])|\(?[a-zñ]{1,2}\)|\(?\d{1,3}\)|\(?[ivxlc]{1,5}\)|[a-zñ]\.-?"
    r"|\d{1,3}(?:\.\d{1,3}){0,3}\.?[-–]?(?<=[.\-–\d]))\s+"
)
_PLAIN_NUMBER = re.compile(r"\d{1,3}\s")
_NUMBERED = re.compile(r"(\d{1,2}(?:\.\d{1,2}){0,4})\.?\)?\s+(?=[A-ZÁÉÍÓÚÑ¿¡\"«])")


def structural_level(text: str) -> int | None:
    """Return the level of "TÍTULO II", "Capítulo 3. Evaluación" and the like; None for anything else."""
    match = _STRUCTURAL.match(text)
    if match is None or len(text) > MAX_HEADING_CHARS or text.endswith((",", ";")):
        return None
    head, rest = match.group(), text[match.end() :].strip(" .:-–—°º)")
    name = match.group(1)
    has_number = len(head.split()) > 1
    if not has_number and (rest or not name.isupper()):
        return None  # "Parte de la jornada…" is prose
    if rest and (rest[0].islower() or (rest.endswith(".") and len(rest) > 80)):
        return None
    if has_number and not head.split()[1].isupper() and not head.split()[1].isdigit() and not name.istitle():
        return None
    if has_number and head.split()[1] in {"a", "o", "e", "y"}:
        return None
    return _LEVELS[name.translate(_UNACCENTED).lower()]


def is_bare_structural(text: str) -> bool:
    """Say whether the text is only "CAPÍTULO II", its name still to come."""
    return _BARE_STRUCTURAL.fullmatch(text.strip()) is not None


def article_label(text: str) -> str | None:
    """Return how the article that opens `text` is called: "Artículo 12. Inasistencias." or "Artículo 12."."""
    match = _ARTICLE.match(text)
    if match is None:
        return None
    number = match.group().strip()
    title = re.match(r"\s*([A-ZÁÉÍÓÚÑ][^.:]{2,70})[.:](?:\s|$)", text[match.end() :])
    return f"{number} {title.group(1)}." if title and len(title.group(1).split()) <= 9 else number


def is_article(text: str) -> bool:
    """Say whether `text` opens an article."""
    return article_label(text) is not None


def list_marker(text: str) -> str | None:
    """Return the marker that opens a list item ("a)", "3.", "•") with its space; None for anything else."""
    match = _LIST_MARKER.match(text)
    return None if match is None or _PLAIN_NUMBER.match(text) else match.group()


def is_contents_entry(text: str) -> bool:
    """Say whether every line leads by dots to a page number, as in a table of contents."""
    lines = text.splitlines()
    return bool(lines) and all(_CONTENTS_ENTRY.search(line) for line in lines)


def is_contents_title(text: str) -> bool:
    """Say whether a heading opens a table of contents."""
    return text.translate(_UNACCENTED).strip(" .:").lower() in _CONTENTS_TITLES


def numbered_level(text: str) -> int | None:
    """Return the depth of "2.1 Objetivos" (here 2); None without a number. It need not be a heading."""
    match = _NUMBERED.match(text)
    return match.group(1).count(".") + 1 if match else None


def is_shouted(text: str) -> bool:
    """Say whether the text is written in capitals, with at least four letters."""
    letters = [char for char in text if char.isalpha()]
    return len(letters) >= 4 and sum(char.isupper() for char in letters) >= 0.9 * len(letters)
