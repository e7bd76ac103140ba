"""What an XLSX or a DOCX must not carry, taken out: what runs, what is elsewhere, what hides other files."""

import posixpath
from collections.abc import Callable
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from lxml import etree

from planillas.own_files.package import Package, attributes, broken, drop
from planillas.own_files.recognised import NotFillable
from planillas.own_files.xlsx_book import REL, RELS, TYPES, main_part, rels_name, target_of

CONTENT_TYPES = "[Content_Types].xml"
_LINKS = ("http", "https", "mailto")

# The last word of a relation's type, and what is said when such a one is taken out.
_RUNS: dict[str, Callable[[], str]] = {
    **dict.fromkeys(
        ("vbaProject", "wordVbaData", "attachedToolbars", "keyMapCustomizations", "recipientData"),
        lambda: _("Se quitaron las macros."),
    ),
    **dict.fromkeys(
        (
            "extensibility",
            "ui",
            "userCustomization",
            "customToolbars",
            "webextension",
            "webextensiontaskpanes",
        ),
        lambda: _("Se quitaron los complementos y los botones propios."),
    ),
    **dict.fromkeys(("control", "activeXControlBinary"), lambda: _("Se quitaron los controles ActiveX.")),
    **dict.fromkeys(("oleObject", "package"), lambda: _("Se quitaron los objetos incrustados (OLE).")),
    **dict.fromkeys(
        ("externalLink", "externalLinkPath", "externalLinkLong"),
        lambda: _(
            "Se quitaron los vínculos a otros libros; las celdas que los usaban conservan su último valor."
        ),
    ),
    **dict.fromkeys(
        ("connections", "queryTable", "xmlMaps", "volatileDependencies", "powerPivotData", "mailMergeSource"),
        lambda: _("Se quitaron las conexiones a datos externos."),
    ),
    **dict.fromkeys(("aFChunk", "subDocument"), lambda: _("Se quitaron los documentos incrustados.")),
    **dict.fromkeys(
        ("origin", "signature", "digital-signature/origin"),
        lambda: _("Se quitó la firma digital: no valdría para el archivo completado."),
    ),
}
# What has to go with a relation that is gone, when it is not the element that names it.
_EMPTY_PARENTS = (
    "oleObjects", "controls", "externalReferences", "tableParts", "Choice", "Fallback", "AlternateContent",
    "hyperlinks", "object",
)  # fmt: skip
_ONLY_ATTRIBUTE = (
    "blip",
    "imagedata",
    "fill",
    "svgBlip",
    "hlinkClick",
    "hlinkHover",
    "snd",
    "videoFile",
    "audioFile",
)


def clean(package: Package) -> list[str]:
    """Take out of an office file what may run or reach elsewhere; return words for staff about it."""
    told: list[str] = []
    _refuse_macro_sheets(package)
    for name in [each for each in package.parts if each.lower().endswith(".rels")]:
        told += _clean_relations(package, name)
    told += _drop_unreached(package)
    return list(dict.fromkeys(told))


def set_type(package: Package, part: str, content_type: str) -> None:
    """Say what a part is."""
    root = package.xml(CONTENT_TYPES)
    for each in root.iterfind(f"{{{TYPES}}}Override"):
        if each.get("PartName", "").lower() == f"/{part}".lower():
            if each.get("ContentType") == content_type:
                return
            each.set("ContentType", content_type)
            break
    else:
        etree.SubElement(root, f"{{{TYPES}}}Override", PartName=f"/{part}", ContentType=content_type)
    package.put(CONTENT_TYPES, root)


def type_of(package: Package, part: str) -> str:
    """Return what a part is said to be."""
    root = package.xml(CONTENT_TYPES)
    for each in root.iterfind(f"{{{TYPES}}}Override"):
        if each.get("PartName", "").lower() == f"/{part}".lower():
            return str(each.get("ContentType", ""))
    ending = posixpath.splitext(part)[1].lstrip(".").lower()
    for each in root.iterfind(f"{{{TYPES}}}Default"):
        if each.get("Extension", "").lower() == ending:
            return str(each.get("ContentType", ""))
    return ""


def drop_part(package: Package, part: str) -> None:
    """Take a part out, with what is said of it and what it leads to."""
    package.remove(part)
    package.remove(rels_name(part))
    root = package.xml(CONTENT_TYPES)
    gone = [
        each
        for each in root.iterfind(f"{{{TYPES}}}Override")
        if each.get("PartName", "").lstrip("/").lower() == part.lower()
    ]
    for each in gone:
        root.remove(each)
    if gone:
        package.put(CONTENT_TYPES, root)


def _refuse_macro_sheets(package: Package) -> None:
    data = package.parts.get(CONTENT_TYPES)
    if data is None:
        raise broken()
    if b"macrosheet" in data.lower() or b"dialogsheet" in data.lower():
        raise NotFillable(
            _("El archivo tiene hojas de macros de Excel 4. Guardar una copia sin ellas y volver a subirla."),
            code="macro_sheets",
        )


def _clean_relations(package: Package, name: str) -> list[str]:
    root = package.xml(name)
    if root.tag != f"{{{RELS}}}Relationships":
        raise broken()
    told, gone = [], set()
    for each in list(root.iterfind(f"{{{RELS}}}Relationship")):
        words = _why_not(package, name, each)
        if words is not None:
            told.append(words)
            gone.add(each.get("Id", ""))
            root.remove(each)
    if not gone:
        return []
    package.put(name, root)
    owner = _owner(name)
    if owner in package.parts and owner.lower().endswith((".xml", ".vml")):
        _forget(package, owner, gone)
    return told


def _why_not(package: Package, rels: str, relation: etree._Element) -> str | None:
    kind = relation.get("Type", "").rpartition("/relationships/")[2] or relation.get("Type", "")
    last = kind.rpartition("/")[2]
    for word in (kind, last):
        if word in _RUNS:
            return _RUNS[word]()
    target = relation.get("Target", "")
    if relation.get("TargetMode", "Internal").lower() == "external":
        if last == "hyperlink" and urlsplit(target).scheme.lower() in _LINKS:
            return None
        if last == "hyperlink":
            return _("Se quitaron enlaces a archivos de otra computadora.")
        if last == "attachedTemplate":
            return _("Se quitó el vínculo a otra plantilla.")
        if last in ("image", "video", "audio", "media"):
            return _("Se quitaron imágenes que no están dentro del archivo: incrustarlas y volver a subirlo.")
        return _("Se quitaron referencias a archivos externos.")
    where = target_of(_owner(rels), target)
    if urlsplit(target).scheme or target.startswith(("\\\\", "//")) or where.startswith(".."):
        return _("Se quitaron referencias a archivos externos.")
    if last == "hyperlink" and "#" in target:
        return None
    if where not in package.parts:
        return "" if target.upper() in ("NULL", "") else _("Se quitaron referencias a partes que faltan.")
    return None


def _forget(package: Package, part: str, gone: set[str]) -> None:
    """Take out of a part what names relations that are gone."""
    if part.lower().endswith(".vml"):
        return  # a picture that is not there is not drawn
    root = package.xml(part)
    for element in list(root.iter()):
        if not isinstance(element.tag, str):
            continue
        names = [key for key, value in attributes(element) if value in gone and key.startswith(f"{{{REL}}}")]
        if not names:
            continue
        local = etree.QName(element).localname
        if local in _ONLY_ATTRIBUTE or (local == "hyperlink" and "wordprocessingml" in element.tag):
            for key in names:
                del element.attrib[key]
            continue
        _remove(element)
    package.put(part, root)


def _remove(element: etree._Element) -> None:
    parent = element.getparent()
    while parent is not None:
        drop(element)
        element, parent = parent, parent.getparent()
        if len(element) or etree.QName(element).localname not in _EMPTY_PARENTS:
            return


def _drop_unreached(package: Package) -> list[str]:
    """Take out the parts that nothing leads to: nobody sees them, and they may be anything."""
    reached: set[str] = {CONTENT_TYPES}
    waiting = [""]
    seen: set[str] = set()
    while waiting:
        part = waiting.pop()
        if part in seen:
            continue
        seen.add(part)
        rels = rels_name(part) if part else "_rels/.rels"
        if rels in package.parts:
            reached.add(rels)
            for each in package.xml(rels).iterfind(f"{{{RELS}}}Relationship"):
                if each.get("TargetMode", "Internal").lower() != "external":
                    where = target_of(part, each.get("Target", ""))
                    reached.add(where)
                    waiting.append(where)
    if main_part(package) not in reached:
        raise broken()
    for name in [each for each in package.parts if each not in reached]:
        package.remove(name)
    root = package.xml(CONTENT_TYPES)
    gone = [
        each
        for each in root.iterfind(f"{{{TYPES}}}Override")
        if each.get("PartName", "").lstrip("/") not in package.parts
    ]
    for each in gone:
        root.remove(each)
    if gone:
        package.put(CONTENT_TYPES, root)
    return []


def _owner(rels: str) -> str:
    folder, name = posixpath.split(rels)
    return posixpath.join(posixpath.dirname(folder), name[: -len(".rels")])


def unlink(package: Package, part: str, target: str) -> None:
    """Take out a part's relation to another."""
    name = rels_name(part)
    root = package.xml(name)
    for each in list(root.iterfind(f"{{{RELS}}}Relationship")):
        if target_of(part, each.get("Target", "")) == target and each.get("TargetMode") != "External":
            root.remove(each)
    package.put(name, root)
