"""References as an ODS writes them, in formulas (`of:=SUM([.C5:.C9])`) and as addresses (`$Notas.$C$5:.$C$9`). Pure."""

import re
from collections.abc import Callable

from planillas.own_files import shifting
from planillas.own_files.shifting import Growth

_SHEET = r"\$?(?:'(?:[^']|'')*'|[^\s.'$:\[\]()\"]+)"
_CELL = r"\$?[A-Za-z]{1,3}\$?\d{1,7}"
_ADDRESS = re.compile(rf"({_SHEET})?\.({_CELL})(?::({_SHEET})?\.({_CELL}))?")
_BRACKETS = re.compile(r'"(?:[^"]|"")*"|\[([^\[\]]*)\]')


def formula(growth: Growth, text: str, sheet: str) -> str:
    """Return a formula of a sheet after the growth."""
    return _bracketed(text, lambda told: _shifted(growth, told, sheet, shifting.moved_one))


def copied(growth: Growth, text: str, sheet: str, *, by: int) -> str:
    """Return a formula of the table's row as it stands `by` rows further down; see shifting.copied."""

    def moved(told: str) -> str:
        return _shifted(
            growth,
            told,
            sheet,
            lambda growth, reference: shifting.copied_one(growth, reference, by),
            lambda reference: shifting.along(reference, by) if by else reference,
        )

    return _bracketed(text, moved)


def addresses(growth: Growth, text: str, *, grows: bool = True) -> str:
    """Return a list of addresses after the growth; each names its sheet. `grows`: a single cell becomes a range."""

    def moved(growth: Growth, reference: str) -> str:
        if ":" in reference or not grows or growth.first != growth.last:
            return shifting.moved_one(growth, reference)
        return shifting.grown(growth, reference)

    return _shifted(growth, text, "", moved)


def without_references(text: str) -> str:
    """Return a formula without its references, so that what is left is what it does."""
    return _BRACKETS.sub(
        lambda found: found[0] if found[1] is None else "A1", text.partition(":=")[2] or text
    )


def ranges(text: str) -> str:
    """Return a formula of an ODS with its references as other spreadsheets write them: C5:C9."""
    return _BRACKETS.sub(
        lambda found: found[0] if found[1] is None else re.sub(r"(^|:)\.", r"\1", found[1]),
        text.partition("=")[2],
    )


def _bracketed(text: str, moved: Callable[[str], str]) -> str:
    return _BRACKETS.sub(lambda found: found[0] if found[1] is None else f"[{moved(found[1])}]", text)


def _shifted(
    growth: Growth,
    text: str,
    sheet: str,
    moved: Callable[[Growth, str], str],
    elsewhere: Callable[[str], str] | None = None,
) -> str:
    def one(found: re.Match[str]) -> str:
        name = found[1] or ""
        reference = found[2] + (f":{found[4]}" if found[4] else "")
        here = _plain(name) if name else sheet
        if here == growth.sheet:
            told = moved(growth, reference)
        elif elsewhere is not None:
            told = elsewhere(reference)
        else:
            return found[0]
        first, _colon, last = told.partition(":")
        second = found[3] or ""
        return f"{name}.{first}" + (f":{second}.{last}" if last else "")

    return _ADDRESS.sub(one, text)


def _plain(name: str) -> str:
    name = name.removeprefix("$")
    return name[1:-1].replace("''", "'") if name.startswith("'") else name
