"""A file as a template: which format it truly is, cleaned, its table and its marks found."""

from pathlib import PurePath

from django.utils.translation import gettext as _

from documents.parsers.base import Unparsable
from planillas.own_files import (
    docx_cleaning,
    docx_layout,
    guessing,
    marks,
    ods_cleaning,
    ods_layout,
    xlsx_cleaning,
    xlsx_layout,
)
from planillas.own_files.layouts import Plan
from planillas.own_files.ooxml_cleaning import CONTENT_TYPES, type_of
from planillas.own_files.package import Package, broken, unparsable
from planillas.own_files.recognised import NotFillable, Recognised
from planillas.own_files.xlsx_book import main_part

_ODS = (
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.oasis.opendocument.spreadsheet-template",
)
_CLEAN = {"xlsx": xlsx_cleaning.clean, "docx": docx_cleaning.clean, "ods": ods_cleaning.clean}
_PLAN = {"xlsx": xlsx_layout.plan, "docx": docx_layout.plan, "ods": ods_layout.plan}
_MAX_NAME = 120


def recognise(content: bytes, filename: str) -> Recognised:
    """Return a file as a template; raise NotFillable."""
    try:
        package = Package(content)
        format = format_of(package)
        cleaned = _CLEAN[format](package)
        plan: Plan = _PLAN[format](package)
    except Unparsable as error:
        raise unparsable(error) from error
    except (KeyError, IndexError, ValueError) as error:
        # Whatever the file says that no office program writes.
        raise broken() from error
    if not plan.columns and not plan.marks:
        raise NotFillable(
            _(
                "No se encontró en el archivo una tabla con encabezados ni {{marcas}}. Poner los nombres de las "
                "columnas en una fila con una fila vacía debajo, o escribir {{nombre}} donde va cada dato, y volver a "
                "subirlo."
            ),
            code="nothing_to_fill",
        )
    stem = PurePath(filename.replace("\\", "/")).stem.strip() or _("plantilla")
    packed = package.pack()
    return Recognised(
        format=format,
        filename=f"{stem[:_MAX_NAME]}.{format}",
        content=packed,
        columns=tuple(plan.columns),
        row_is=(guessing.row_is(*plan.titles, stem) if plan.table else _("un documento")),
        layout=plan.layout,
        told=tuple(dict.fromkeys((*cleaned, *plan.told, *marks.statements(iter(plan.texts))))),
    )


def format_of(package: Package) -> str:
    """Return which format a file truly is, whatever its name says; raise NotFillable where it is none of ours."""
    if "mimetype" in package.parts and CONTENT_TYPES not in package.parts:
        kind = package.parts["mimetype"].decode("ascii", "replace").strip()
        if kind in _ODS:
            return "ods"
        if "opendocument.text" in kind:
            raise _not_ours(_("Es un texto de LibreOffice. Guardarlo como .docx y volver a subirlo."))
        raise _not_ours(
            _("La plantilla tiene que ser un archivo .xlsx, .ods o .docx; el contenido de este es otro.")
        )
    if CONTENT_TYPES not in package.parts:
        raise _not_ours(
            _("La plantilla tiene que ser un archivo .xlsx, .ods o .docx; el contenido de este es otro.")
        )
    kind = type_of(package, main_part(package))
    root = package.parts[main_part(package)][:2_000]
    if "sheet.binary" in kind:
        raise _not_ours(_("Es un libro binario (.xlsb). Guardarlo como .xlsx y volver a subirlo."))
    if b"purl.oclc.org" in root:
        raise _not_ours(
            _("Es un archivo «Open XML estricto». Guardarlo como .xlsx o .docx común y volver a subirlo.")
        )
    if "spreadsheetml" in kind or "ms-excel" in kind:
        return "xlsx"
    if "wordprocessingml" in kind or "ms-word" in kind:
        return "docx"
    raise _not_ours(
        _("La plantilla tiene que ser un archivo .xlsx, .ods o .docx; el contenido de este es otro.")
    )


def _not_ours(detail: str) -> NotFillable:
    return NotFillable(detail, code="unknown_format")
