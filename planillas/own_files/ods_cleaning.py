"""An ODS made safe: what runs, what is fetched and what is linked is taken out."""

from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from lxml import etree

from planillas.own_files import ods_formulas
from planillas.own_files.ods_tree import MANIFEST, NS, SCRIPT, XLINK, q
from planillas.own_files.package import Package, broken, drop
from planillas.own_files.recognised import NotFillable
from planillas.own_files.xlsx_cleaning import reaches

MANIFEST_PART = "META-INF/manifest.xml"
_KEPT = ("content.xml", "styles.xml", "meta.xml", "settings.xml", "mimetype", MANIFEST_PART)
_KEPT_FOLDERS = ("Pictures/", "Thumbnails/", "Object ", "ObjectReplacements/", "Fonts/")
_LINKS = ("http", "https", "mailto")
_LINKED = ("table-source", "cell-range-source", "dde-links", "dde-link", "dde-source", "dde-connection-decls",
           "database-source-table", "database-source-query", "database-source-sql")  # fmt: skip
_OBJECTS = ("applet", "plugin", "floating-frame", "object-ole")


def clean(package: Package) -> list[str]:
    """Take out of a spreadsheet what may run or reach elsewhere; return words for staff about it."""
    manifest = package.parts.get(MANIFEST_PART, b"")
    if b"encryption-data" in manifest:
        raise NotFillable(
            _("El archivo está protegido con contraseña. Subir una copia sin contraseña."), code="encrypted"
        )
    if "content.xml" not in package.parts:
        raise broken()
    told: list[str] = []
    for name in list(package.parts):
        if name in _KEPT or name.startswith(_KEPT_FOLDERS):
            continue
        package.remove(name)
        if name.startswith(("Basic/", "Scripts/")):
            told.append(_("Se quitaron las macros."))
        elif "signatures" in name:
            told.append(_("Se quitó la firma digital: no valdría para el archivo completado."))
    for name in list(package.parts):
        if name.endswith(".xml") and name != MANIFEST_PART and package.parts[name]:
            told += _clean_part(package, name)
    _clean_manifest(package)
    package.parts["mimetype"] = b"application/vnd.oasis.opendocument.spreadsheet"
    return list(dict.fromkeys(told))


def _clean_part(package: Package, name: str) -> list[str]:
    root = package.xml(name)
    told: list[str] = []
    before = len(told)
    changed = False
    for element in list(root.iter()):
        if isinstance(element, etree._ProcessingInstruction):
            drop(element)
            changed = True
        if not isinstance(element.tag, str):
            continue
        local = etree.QName(element).localname
        namespace = etree.QName(element).namespace
        if namespace == SCRIPT or local in ("scripts", "event-listeners"):
            if len(element):
                told.append(_("Se quitaron las macros."))
            drop(element)
            changed = True
        elif local in _LINKED:
            drop(element)
            told.append(_("Se quitaron los vínculos a otros archivos y a datos externos."))
        elif local in _OBJECTS:
            drop(element)
            told.append(_("Se quitaron los objetos incrustados (OLE)."))
        else:
            told += _clean_attributes(element, local, package)
    if changed or len(told) > before:
        package.put(name, root)
    return told


def _clean_attributes(element: etree._Element, local: str, package: Package) -> list[str]:
    told: list[str] = []
    formula = element.get(q("table:formula"))
    if formula is not None and _leaves(formula):
        del element.attrib[q("table:formula")]
        told.append(
            _("Se quitaron fórmulas que leen otros libros o la red; sus celdas conservan el último valor.")
        )
    for name in (q("table:condition"), q("table:expression"), f"{{{NS['calcext']}}}value"):
        if (text := element.get(name)) is not None and _leaves(text):
            drop(element)
            told.append(_("Se quitaron reglas que leen otros libros o la red."))
            return told
    href = element.get(f"{{{XLINK}}}href")
    if href is None or (local == "chart" and href == ".."):  # a chart's own book
        return told
    scheme = urlsplit(href).scheme.lower()
    if local == "a":
        if scheme not in (*_LINKS, "") or href.startswith(("//", "\\\\", "..")):
            element.set(f"{{{XLINK}}}href", "#")
            told.append(_("Se quitaron enlaces a archivos de otra computadora."))
    elif not href.startswith("#") and (
        scheme or href.startswith(("/", "\\", "..")) or not _is_here(href, package)
    ):
        drop(element)
        told.append(
            _("Se quitaron imágenes que no están dentro del archivo: incrustarlas y volver a subirlo.")
            if local in ("image", "fill-image", "background-image")
            else _("Se quitaron referencias a archivos externos.")
        )
    return told


def _leaves(formula: str) -> bool:
    bare = ods_formulas.without_references(formula)
    return "file:" in formula.lower() or "'#" in formula or reaches(bare)


def _is_here(href: str, package: Package) -> bool:
    name = href.removeprefix("./").rstrip("/")
    return name in package.parts or any(each.startswith(f"{name}/") for each in package.parts) or not name


def _clean_manifest(package: Package) -> None:
    if MANIFEST_PART not in package.parts:
        raise broken()
    root = package.xml(MANIFEST_PART)
    for each in list(root):
        name = each.get(f"{{{MANIFEST}}}full-path", "") if isinstance(each.tag, str) else ""
        if name == "/":
            each.set(f"{{{MANIFEST}}}media-type", "application/vnd.oasis.opendocument.spreadsheet")
        elif name.endswith("/"):
            if not any(part.startswith(name) for part in package.parts):
                root.remove(each)
        elif name not in package.parts:
            root.remove(each)
    package.put(MANIFEST_PART, root)
