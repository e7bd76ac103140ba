"""The addresses of the API of planillas and their templates, classified as those in urls.py are."""

from collections.abc import Mapping
from typing import Any

from schools.roles import Can
from tests.tenancy.call import DOCUMENT, PLANILLA_TEMPLATE, SHELF, Call

_TEMPLATE = {"name": "Breve", "columns": [{"name": "Alumno"}]}


def _begun(things: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "template_id": str(things["planilla_template"]),
        "documents": [str(things["document"])],
        "transcripts": [str(things["recording"])],
        "collections": [str(things["collection"])],
    }


def _cells(things: Mapping[str, Any]) -> dict[str, Any]:
    return {"cells": [{"row": str(things["row"]), "column": "alumno", "value": "Eva Ruiz"}]}


PORTAL = (Call("planillas:pack", "GET", Can.READ, **SHELF),)

API = (
    Call("planillas_api:templates", "GET", Can.READ),
    Call("planillas_api:templates", "POST", Can.DESIGN, lambda _: _TEMPLATE, served=(201,)),
    Call("planillas_api:template", "GET", Can.READ, keys=PLANILLA_TEMPLATE),
    Call("planillas_api:template", "PATCH", Can.DESIGN, lambda _: {"name": "Otra"}, keys=PLANILLA_TEMPLATE),
    Call("planillas_api:template", "DELETE", Can.DESIGN, served=(204,), keys=PLANILLA_TEMPLATE),
    Call("planillas_api:planillas", "GET", Can.READ),
    Call(
        "planillas_api:planillas",
        "POST",
        Can.FILL,
        _begun,
        served=(201,),
        nested=(
            ("template_id", "planilla_template"),
            ("documents[]", "document"),
            ("transcripts[]", "recording"),
            ("collections[]", "collection"),
        ),
    ),
    Call("planillas_api:planilla", "GET", Can.READ, **SHELF),
    Call("planillas_api:planilla", "DELETE", Can.FILL, served=(204,), **DOCUMENT),
    Call("planillas_api:cells", "PATCH", Can.FILL, _cells, **DOCUMENT),
    Call("planillas_api:rows", "POST", Can.FILL, served=(201,), nested=(("after", "row"),), **DOCUMENT),
    Call("planillas_api:row", "DELETE", Can.FILL, served=(204,), **DOCUMENT),
    Call("planillas_api:approve", "POST", Can.APPROVE, lambda _: {"knowingly": True}, served=(201,), **SHELF),
    Call("planillas_api:versions", "GET", Can.READ, **SHELF),
    Call(
        "planillas_api:refill",
        "POST",
        Can.FILL,
        lambda things: {"rows": [str(things["row"])]},
        served=(202,),
        nested=(("rows[]", "row"),),
        **DOCUMENT,
    ),
    Call("planillas_api:export", "GET", Can.READ, query="fmt=csv", **SHELF),
    Call("planillas_api:evidence", "GET", Can.READ, **SHELF),
)
