"""The addresses of planillas, their templates and reports, classified as those in urls.py are."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from schools.roles import Can
from tests.tenancy import report_urls
from tests.tenancy.call import DOCUMENT, FORM, PLANILLA_TEMPLATE, SHELF, STREAM, Call


def _workbook(_things: Mapping[str, Any]) -> dict[str, Any]:
    from openpyxl import Workbook

    book, written = Workbook(), BytesIO()
    book.worksheets[0].append(["Alumno", "DNI"])
    book.save(written)
    return {"file": SimpleUploadedFile("Notas.xlsx", written.getvalue())}


def _begun(things: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "do": "start",
        "template": str(things["planilla_template"]),
        "documents": [str(things["document"])],
        "collections": [str(things["collection"])],
    }


_DRAWN = {"name": "Breve", "column": ["0"], "key-0": "alumno", "name-0": "Alumno", "kind-0": "text"}

# The list, beginning, and one planilla as a whole; its templates.
_WHOLE = (
    Call("planillas:planillas", "GET", Can.READ),
    Call("planillas:new", "GET", Can.FILL),
    Call(
        "planillas:new",
        "POST",
        Can.FILL,
        _begun,
        nested=(
            ("template", "planilla_template"),
            ("documents[]", "document"),
            ("collections[]", "collection"),
        ),
        **FORM,
    ),
    Call("planillas:new_documents", "GET", Can.FILL),
    Call("planillas:new_foretold", "POST", Can.FILL, kind="form"),
    Call("planillas:planilla", "GET", Can.READ, **SHELF),
    Call("planillas:events", "GET", Can.READ, accept=STREAM, **SHELF),
    Call("planillas:retry", "POST", Can.FILL, **FORM, **SHELF),
    Call("planillas:cancel", "POST", Can.FILL, **FORM, **SHELF),
    Call("planillas:refill", "POST", Can.FILL, **FORM, **SHELF),
    Call("planillas:rename", "POST", Can.FILL, lambda _: {"title": "Otra"}, **FORM, **SHELF),
    Call("planillas:delete", "POST", Can.FILL, **FORM, **SHELF),
    Call("planillas:templates", "GET", Can.READ),
    Call("planillas:template_new", "GET", Can.DESIGN),
    Call("planillas:template_new", "POST", Can.DESIGN, lambda _: _DRAWN, **FORM),
    Call("planillas:template_upload", "GET", Can.DESIGN),
    Call("planillas:template_upload", "POST", Can.DESIGN, _workbook, **FORM),
    Call("planillas:template_copy", "POST", Can.DESIGN, lambda _: {"name": "inventario"}, **FORM),
    Call("planillas:template", "GET", Can.READ, keys=PLANILLA_TEMPLATE),
    Call("planillas:template_change", "POST", Can.DESIGN, lambda _: _DRAWN, keys=PLANILLA_TEMPLATE, **FORM),
    Call("planillas:template_delete", "POST", Can.DESIGN, keys=PLANILLA_TEMPLATE, **FORM),
    Call("planillas:template_file", "GET", Can.READ, keys=PLANILLA_TEMPLATE),
)

# Handing out.
_OUT = (Call("planillas:export", "GET", Can.READ, query="fmt=csv", **SHELF),)

# One planilla in its grid: what its script asks for and sends, its versions.
# Only for whoever made it and whoever approves: the roles that do are those that manage documents.
_SENT: dict[str, Any] = {"served": (200,), **DOCUMENT}


def _cells(things: Mapping[str, Any]) -> dict[str, Any]:
    return {"rows": [str(things["row"])], "changes": [[0, "alumno", "Otro nombre"]]}


_GRID = (
    Call("planillas:rows", "GET", Can.READ, query="contar=1", **SHELF),
    Call("planillas:cells", "POST", Can.FILL, _cells, nested=(("rows[]", "row"),), **_SENT),
    Call(
        "planillas:rows_add",
        "POST",
        Can.FILL,
        lambda things: {"after": str(things["row"]), "count": 1},
        nested=(("after", "row"),),
        **_SENT,
    ),
    Call(
        "planillas:rows_remove",
        "POST",
        Can.FILL,
        lambda things: {"rows": [str(things["row"])]},
        nested=(("rows[]", "row"),),
        **_SENT,
    ),
    # 409: whoever did nothing has nothing to take back.
    Call("planillas:undo", "POST", Can.FILL, served=(200, 409), **DOCUMENT),
    Call("planillas:redo", "POST", Can.FILL, served=(200, 409), **DOCUMENT),
    Call("planillas:history", "GET", Can.READ, **SHELF),
    Call("planillas:source", "GET", Can.READ, query="columna=alumno", **SHELF),
    Call("planillas:approve", "POST", Can.APPROVE, **FORM, **SHELF),
    Call("planillas:versions", "GET", Can.READ, **SHELF),
    Call("planillas:compare", "GET", Can.READ, query="a=ahora&b=ahora", **SHELF),
)

PORTAL: tuple[Call, ...] = (
    *_WHOLE,
    *_GRID,
    *_OUT,
    *report_urls.PORTAL,
)

API: tuple[Call, ...] = report_urls.API
