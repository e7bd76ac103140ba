"""An ODS after rows were put into one of its sheets: all that refers to what moved."""

from lxml import etree

from planillas.own_files import ods_formulas
from planillas.own_files.ods_tree import SVG, q
from planillas.own_files.package import Package, attributes
from planillas.own_files.shifting import Growth

_REFERENCES = (
    "cell-range-address", "target-range-address", "print-ranges", "end-cell-address", "base-cell-address",
    "values-cell-range-address", "label-cell-address", "label-cell-range-address", "notify-on-update-of-ranges",
)  # fmt: skip
_FORMULAS = ("table:formula", "table:condition", "table:expression", "calcext:value")


def move(root: etree._Element, growth: Growth) -> None:
    """Move formulas, names, ranges and what is drawn."""
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        for name in _FORMULAS:
            text = element.get(q(name))
            if text is not None:
                owner = next(element.iterancestors(q("table:table")), None)
                sheet = owner.get(q("table:name"), "") if owner is not None else ""
                if sheet == "" and (base := element.get(q("table:base-cell-address"))):
                    sheet = base.lstrip("$").rpartition(".")[0].strip("'")
                element.set(q(name), ods_formulas.formula(growth, text, sheet))
        _move_addresses(element, growth)


def move_charts(package: Package, growth: Growth) -> None:
    """Move what charts show."""
    for name in list(package.parts):
        if name.startswith("Object ") and name.endswith("/content.xml"):
            root = package.xml(name)
            moved = [_move_addresses(each, growth) for each in root.iter() if isinstance(each.tag, str)]
            for told in root.iter(f"{{{SVG}}}desc"):
                told.text = ods_formulas.addresses(growth, told.text or "")
            if any(moved):
                package.put(name, root)


def _move_addresses(element: etree._Element, growth: Growth) -> bool:
    changed = False
    for key, value in attributes(element):
        local = etree.QName(key).localname
        if local in _REFERENCES and "." in value:
            told = ods_formulas.addresses(
                growth, value, grows=local not in ("end-cell-address", "base-cell-address")
            )
            changed |= told != value
            element.set(key, told)
    return changed
