"""Cut Spanish school prose, lists and table rows into sentences, by offsets into the given text."""

import re


def set_of(listed: str) -> frozenset[str]:
    """Return the words of a list written in one string."""
    return frozenset(listed.split())


# Never the end of a sentence: what follows belongs to them ("Art. 14", "Sr. Pérez").
_LEANING = set_of(
    "art arts res resol dec disp inc incs cap caps cf op cit exp expte expdte fig tít tit sec secc ord "
    "ac acd mem sr sra srta sres sras dr dra dres lic prof profs ing arq abog cdor cra tec téc gral cnel tte "
    "sto sta mons pbro fr hno hna av avda bv pje dpto depto dto tel tels cel int esc col inst n nº "
    "nro nros núm num pág págs pag pags p pp vol vols ed eds ej vg vs aprox máx mín cód cod ref obs "
    "ud uds vd vds st mr mrs ms jr ene feb abr jun jul ago sept oct nov dic"
)
_STOP = re.compile(r"[.!?…\n][.!?…\"'»”’)\]]*\s*")
_LAST_WORD = re.compile(r"([^\W_]+)\.$")
_DOTTED = re.compile(r"(?:^|[\s(«\"])(?:[^\W\d_]{1,2}\.){2,}$")  # "EE.UU.", "a.C.", "p.ej."
# "14.", "Artículo 14.", "a)", "II." open a sentence, they are none by themselves.
_LABEL = re.compile(
    r"\W*(?:(?:art[íi]culo|art\.|cap[íi]tulo|cap\.|anexo|inciso|inc\.|secci[óo]n|t[íi]tulo|punto)\s*)?"
    r"(?:\d+(?:\.\d+)*|[ivxlc]+|[a-zñ])?\s*[.º°ª)\-]*\W*$",
    re.IGNORECASE,
)
_OPENS = re.compile(r"[¿¡«“\"'(\[—–\-•*]*\s*(?:[A-ZÁÉÍÓÚÜÑ0-9]|[¿¡])")
_INITIAL = re.compile(r"[^\W\d_]\.")
_LONG_CHARS = 500
_TAIL_CHARS = 24  # longer than any abbreviation
_SEMICOLON = re.compile(r";\s+")


def split(text: str) -> list[tuple[int, int]]:
    """Return (start, end) of each sentence, in order, without the white space around it.

    A line break ends a sentence unless the next line plainly goes on with it (lower case after no final
    mark).
    """
    spans: list[tuple[int, int]] = []
    start = 0
    for found in _STOP.finditer(text):
        if _is_end(text, start, found):
            _add(spans, text, start, found.end())
            start = found.end()
    _add(spans, text, start, len(text))
    return spans


def _is_end(text: str, start: int, found: re.Match[str]) -> bool:
    stop = found.group()
    mark = stop.rstrip()
    if len(mark) == len(stop):
        return False
    following = text[found.end() : found.end() + 1]
    if not mark:  # a line break
        before = text[start : found.start()].rstrip()
        return not following.islower() or before[-1:] in ".:;!?"
    if "\n" in stop:
        return not following.islower()
    if not following or not _OPENS.match(text, found.end()):
        return False
    head = text[start : found.start() + 1]
    if mark != ".":
        return True
    tail = head[-_TAIL_CHARS:]
    last = _LAST_WORD.search(tail)
    if last and last.group(1) in ("No", "no") and following.isdigit():  # "No. 12"
        return False
    if last and (last.group(1).lower() in _LEANING or _is_initial(last.group(1))):
        return False
    if last and len(last.group(1)) == 1 and _INITIAL.match(text, found.end()):  # "586 a. C."
        return False
    return not _DOTTED.search(tail) and not (len(head) < 40 and _LABEL.match(head))


def _is_initial(word: str) -> bool:
    return len(word) == 1 and word.isupper()


def _add(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    end -= len(piece) - len(piece.rstrip())
    if start >= end:
        return
    if end - start > _LONG_CHARS:  # legal run-on sentences: their semicolons are stops
        for found in _SEMICOLON.finditer(text, start, end):
            if found.start() - start > 120 and end - found.end() > 60:
                spans.append((start, found.start() + 1))
                start = found.end()
    spans.append((start, end))
