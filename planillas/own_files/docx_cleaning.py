"""A DOCX made safe: besides what every office file loses, fields that fetch or run something."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from lxml import etree

from planillas.own_files import ooxml_cleaning
from planillas.own_files.docx_tree import MAIN_TYPE, w
from planillas.own_files.package import Package, drop
from planillas.own_files.xlsx_book import main_part

# Fields that only say what the document itself knows; all others are taken out, their last result stays.
_FIELDS = frozenset({
    "PAGE", "NUMPAGES", "SECTIONPAGES", "SECTION", "DATE", "TIME", "CREATEDATE", "SAVEDATE", "PRINTDATE", "EDITTIME",
    "TITLE", "AUTHOR", "SUBJECT", "KEYWORDS", "COMMENTS", "FILENAME", "REF", "PAGEREF", "NOTEREF", "SEQ", "TOC", "TC",
    "STYLEREF", "HYPERLINK", "FORMTEXT", "FORMCHECKBOX", "FORMDROPDOWN", "INDEX", "XE", "EQ", "SYMBOL", "MERGEFIELD",
    "NUMWORDS", "NUMCHARS", "LASTSAVEDBY", "USERNAME", "USERINITIALS", "CITATION", "BIBLIOGRAPHY", "LISTNUM", "AUTONUM",
})  # fmt: skip
_TAKEN_OUT = ("altChunk", "subDoc", "mailMerge", "attachedTemplate", "control", "frameset", "saveThroughXslt")


def clean(package: Package) -> list[str]:
    """Take out of a document what may run or reach elsewhere; return words for staff about it."""
    told = ooxml_cleaning.clean(package)
    ooxml_cleaning.set_type(package, main_part(package), MAIN_TYPE)
    for name in list(package.parts):
        if name.startswith("word/") and name.endswith(".xml"):
            told += _clean_part(package, name)
    return list(dict.fromkeys(words for words in told if words))


def _clean_part(package: Package, name: str) -> list[str]:
    root = package.xml(name)
    told: list[str] = []
    for element in list(root.iter()):
        if isinstance(element, etree._ProcessingInstruction):
            drop(element)
        elif isinstance(element.tag, str):
            local = etree.QName(element).localname
            if local in _TAKEN_OUT and element.getparent() is not None:
                drop(element)
                told.append(
                    _("Se quitó la combinación de correspondencia.")
                    if local == "mailMerge"
                    else _("Se quitaron los documentos incrustados y los controles.")
                )
            elif local == "fldSimple" and not _is_harmless(element.get(w("instr"), "")):
                _unwrap(element)
                told.append(_fields_told())
    for field in list(_fields(root)):
        if field.is_nested or not _is_harmless(field.instruction):
            for each in field.parts:
                drop(each)
            told.append(_fields_told())
    if told:
        package.put(name, root)
    return told


def _fields_told() -> str:
    return _("Se quitaron campos que leen de otros archivos o ejecutan algo; queda su último resultado.")


def _is_harmless(instruction: str) -> bool:
    words = instruction.strip().strip('"').split()
    if not words:
        return True
    first = words[0].lstrip("\\").upper()
    if first == "HYPERLINK":
        target = next((each.strip('"') for each in words[1:] if not each.startswith("\\")), "")
        return "\\l" in words or target.lower().startswith(("http://", "https://", "mailto:", "#"))
    return first in _FIELDS or first.startswith("=")


class _Field:
    __slots__ = ("in_result", "instruction", "is_nested", "parts")

    def __init__(self) -> None:
        self.parts: list[etree._Element] = []
        self.instruction = ""
        self.is_nested = False
        self.in_result = False


def _fields(root: etree._Element) -> Iterator[_Field]:
    """Yield the fields that are cut into runs: what begins, separates and ends them, and what they say to do."""
    open_fields: list[_Field] = []
    for element in root.iter(w("fldChar"), w("instrText"), w("delInstrText")):
        if element.tag == w("fldChar"):
            kind = element.get(w("fldCharType"))
            if kind == "begin":
                if open_fields and not open_fields[-1].in_result:
                    open_fields[-1].is_nested = True  # it is put together only when it is run
                open_fields.append(_Field())
            if open_fields:
                open_fields[-1].parts.append(element)
                if kind == "separate":
                    open_fields[-1].in_result = True
                elif kind == "end":
                    yield open_fields.pop()
        elif open_fields:
            open_fields[-1].parts.append(element)
            open_fields[-1].instruction += element.text or ""
        else:
            stray = _Field()
            stray.parts, stray.is_nested = [element], True
            yield stray
    for each in open_fields:
        each.is_nested = True
        yield each


def _unwrap(element: etree._Element) -> None:
    for child in list(element):
        element.addprevious(child)
    drop(element)
