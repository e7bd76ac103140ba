"""An XLSX made safe: besides what every office file loses, formulas that reach elsewhere or run something."""

import re

from django.utils.translation import gettext as _
from lxml import etree

from planillas.own_files import ooxml_cleaning
from planillas.own_files.package import Package, drop, words
from planillas.own_files.recognised import NotFillable
from planillas.own_files.xlsx_book import BOOK_TYPE, main_part, q

_STRING = re.compile(r'"(?:[^"]|"")*"')
_REACHES = re.compile(
    r"(?<![\w.])(?:_xlfn\.|_xll\.|_xlws\.)*"
    r"(WEBSERVICE|IMAGE|RTD|CALL|REGISTER(\.ID)?|EXEC|DDE|DDEINITIATE|EVALUATE|SQL\.REQUEST|CUBE\w+|IMPORT\w+|STOCKHISTORY)\s*\(",
    re.IGNORECASE,
)
_OTHER_BOOK = re.compile(r"'[^']*\[[^']*'!|\[[^\]\[]+\][^\]\[!,;()+*/<>=&^ ]*!")
_HYPERLINK = re.compile(r"(?<![\w.])HYPERLINK\s*\(\s*(\"#|#)?", re.IGNORECASE)
_FORMULAS = (
    "f",
    "formula",
    "formula1",
    "formula2",
    "definedName",
    "calculatedColumnFormula",
    "totalsRowFormula",
)


_OF_BOOK = ("externalReferences", "fileRecoveryPr", "smartTagPr", "webPublishing")
_RULES = ("dataValidation", "cfRule", "sparkline")


def clean(package: Package) -> list[str]:
    """Take out of a workbook what may run or reach elsewhere; return words for staff about it."""
    told = ooxml_cleaning.clean(package)
    part = main_part(package)
    ooxml_cleaning.set_type(package, part, BOOK_TYPE)
    for name in list(package.parts):
        if name.startswith("xl/") and name.endswith(".xml"):
            told += _clean_part(package, name)
    told += _clean_book(package, part)
    return list(dict.fromkeys(each for each in told if each))


def reaches(formula: str) -> bool:
    """Say whether a formula reads from another book or from the network, or runs something."""
    bare = _STRING.sub('""', formula)
    link = _HYPERLINK.search(formula)
    return bool(
        _REACHES.search(bare) or _OTHER_BOOK.search(bare) or "|" in bare or (link is not None and not link[1])
    )


def _clean_part(package: Package, name: str) -> list[str]:
    data = package.parts[name]
    if not any(sign in data for sign in (b"macro=", b"<f", b":f>", b"ormula", b"efinedName", b"FmlaMacro")):
        return []
    root = package.xml(name)
    told: list[str] = []
    for element in list(root.iter()):
        if not isinstance(element.tag, str):
            continue
        if element.get("macro"):
            element.set("macro", "")
            told.append(_("Se quitaron las macros."))
        if etree.QName(element).localname in _FORMULAS and reaches(words(element)):
            _take_out(element)
            told.append(
                _(
                    "Se quitaron fórmulas que leen otros libros o la red; sus celdas conservan el último valor."
                )
            )
    if told:
        package.put(name, root)
    return told


def _take_out(formula: etree._Element) -> None:
    parent = formula.getparent()
    local = etree.QName(formula).localname
    owner = etree.QName(parent).localname if parent is not None else ""
    if parent is None:
        return
    if owner == "c" or local == "definedName" or local in ("calculatedColumnFormula", "totalsRowFormula"):
        parent.remove(formula)
    elif owner.endswith(("Ref", "ref")) or formula.tag == q("f"):
        formula.text = "#REF!"  # as Excel leaves it when what a chart shows is gone
    else:
        rule = next(
            (each for each in (parent, *parent.iterancestors()) if etree.QName(each).localname in _RULES),
            None,
        )
        holder = rule.getparent() if rule is not None else None
        if rule is None or holder is None:
            formula.text = "#REF!"
            return
        drop(rule)
        if not len(holder):
            drop(holder)
        elif holder.get("count"):
            holder.set("count", str(len(holder)))


def _clean_book(package: Package, part: str) -> list[str]:
    root = package.xml(part)
    gone = [each for name in _OF_BOOK for each in root.iterfind(q(name))]
    names = root.find(q("definedNames"))
    if names is not None:
        # Names of macros, and names that run by themselves when the book is opened.
        gone += [each for each in names if any(each.get(word) for word in ("function", "vbProcedure", "xlm"))]
    for each in gone:
        drop(each)
    if names is not None and not len(names):
        drop(names)
    package.put(part, root)
    for name, data in package.parts.items():
        if name.startswith("xl/pivotCache/") and b'type="external"' in data:
            raise NotFillable(
                _("El archivo tiene tablas dinámicas con datos externos. Quitarlas y volver a subirlo."),
                code="external_data",
            )
    return []
