"""The addresses of reports, classified as those in urls.py are."""

from collections.abc import Mapping
from typing import Any

from schools.roles import Can
from tests.tenancy.call import DOCUMENT, FORM, REPORT_TEMPLATE, SHELF, STREAM, Call

_PART = {"name": "Breve", "part_title": ["Hechos"], "part_words": ["90"], "part_kind": ["text"]}
_SOURCES = (("documents[]", "document"), ("collections[]", "collection"), ("planillas[]", "planilla"))


def _report_begun(things: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "do": "start",
        "template": str(things["report_template"]),
        "documents": [str(things["document"])],
        "collections": [str(things["collection"])],
        "planillas": [str(things["planilla"])],
    }


def _report_asked(things: Mapping[str, Any]) -> dict[str, Any]:
    told = _report_begun(things)
    return {"template_id": told.pop("template"), **{name: told[name] for name in told if name != "do"}}


PORTAL = (
    Call("reports:reports", "GET", Can.READ),
    Call("reports:new", "GET", Can.FILL),
    Call(
        "reports:new",
        "POST",
        Can.FILL,
        _report_begun,
        nested=(("template", "report_template"), *_SOURCES),
        **FORM,
    ),
    Call("reports:new_foretold", "POST", Can.FILL, kind="form"),
    Call("reports:report", "GET", Can.READ, **SHELF),
    Call("reports:events", "GET", Can.READ, accept=STREAM, **SHELF),
    Call("reports:retry", "POST", Can.FILL, **FORM, **DOCUMENT),
    Call("reports:cancel", "POST", Can.FILL, **FORM, **DOCUMENT),
    Call("reports:redraft", "POST", Can.FILL, **FORM, **DOCUMENT),
    Call("reports:change", "POST", Can.FILL, lambda _: {"title": "Otro"}, **FORM, **DOCUMENT),
    Call("reports:approve", "POST", Can.APPROVE, **FORM, **SHELF),
    Call("reports:delete", "POST", Can.FILL, **FORM, **DOCUMENT),
    Call("reports:pack", "GET", Can.READ, **SHELF),
    Call("reports:export", "GET", Can.READ, query="fmt=md", **SHELF),
    Call("reports:section_add", "POST", Can.FILL, lambda _: {"title": "Cierre"}, **FORM, **DOCUMENT),
    Call("reports:section", "POST", Can.FILL, lambda _: {"text": "Otra cosa."}, **FORM, **DOCUMENT),
    Call("reports:section_draw", "POST", Can.FILL, **FORM, **DOCUMENT),
    Call("reports:section_redraft", "POST", Can.FILL, **FORM, **DOCUMENT),
    Call("reports:section_move", "POST", Can.FILL, lambda _: {"to": "up"}, **FORM, **DOCUMENT),
    Call("reports:section_remove", "POST", Can.FILL, **FORM, **DOCUMENT),
    Call("reports:chart", "GET", Can.READ, **SHELF),
    Call("reports:templates", "GET", Can.READ),
    Call("reports:template_new", "GET", Can.DESIGN),
    Call("reports:template_new", "POST", Can.DESIGN, lambda _: _PART, **FORM),
    Call("reports:template_copy", "POST", Can.DESIGN, lambda _: {"name": "memoria-anual"}, **FORM),
    Call("reports:template", "GET", Can.DESIGN, keys=REPORT_TEMPLATE),
    Call("reports:template", "POST", Can.DESIGN, lambda _: _PART, keys=REPORT_TEMPLATE, **FORM),
    Call("reports:template_delete", "POST", Can.DESIGN, keys=REPORT_TEMPLATE, **FORM),
)
API = (
    Call("planillas_api:reports", "GET", Can.READ),
    Call(
        "planillas_api:reports",
        "POST",
        Can.FILL,
        _report_asked,
        served=(201,),
        nested=(("template_id", "report_template"), *_SOURCES),
    ),
    Call("planillas_api:report", "GET", Can.READ, **SHELF),
    Call("planillas_api:report", "PATCH", Can.FILL, lambda _: {"title": "Otro"}, **DOCUMENT),
    Call("planillas_api:report", "DELETE", Can.FILL, served=(204,), **DOCUMENT),
    Call("planillas_api:report_approve", "POST", Can.APPROVE, **SHELF),
    Call("planillas_api:report_export", "GET", Can.READ, query="fmt=md", **SHELF),
    Call("planillas_api:report_section", "PATCH", Can.FILL, lambda _: {"text": "Otra cosa."}, **DOCUMENT),
    Call("planillas_api:report_redraft", "POST", Can.FILL, lambda _: {"replace": True}, **DOCUMENT),
    Call("planillas_api:report_templates", "GET", Can.READ),
    Call(
        "planillas_api:report_templates", "POST", Can.DESIGN, lambda _: {"ready_made": "acta"}, served=(201,)
    ),
    Call("planillas_api:report_template", "GET", Can.READ, keys=REPORT_TEMPLATE),
    Call(
        "planillas_api:report_template", "PATCH", Can.DESIGN, lambda _: {"name": "Otra"}, keys=REPORT_TEMPLATE
    ),
    Call("planillas_api:report_template", "DELETE", Can.DESIGN, served=(204,), keys=REPORT_TEMPLATE),
)
