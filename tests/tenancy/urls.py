"""Every address of the house, classified. One that is not listed here turns test_urls.py red.

A school's addresses are listed call by call: method, right, what stands in the path and in the body.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import URLPattern, URLResolver, get_resolver

from documents.unread import seal_of
from schools.roles import Can
from tests.tenancy import planilla_api_urls, planilla_urls, sound_urls
from tests.tenancy.call import (
    ASKERS,
    DOCUMENT,
    FORM,
    PRIVATE,
    SHELF,
    SPARE,
    STREAM,
    UNREAD,
    WAITING,
    Call,
)

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

# Open to anyone: the tests of each say what they do not tell.
PUBLIC = {
    "root": ("GET",),
    "live": ("GET",),
    "ready": ("GET",),
    "schema": ("GET",),
    "docs": ("GET",),
    "schools:invitation": ("GET", "POST"),
    "schools_api:login": ("POST",),
    "schools_api:refresh": ("POST",),
    "schools_api:logout": ("POST",),
}
# For whoever is logged in, about that person alone.
LOGGED_IN = {"schools:choose": ("GET",), "schools_api:schools": ("GET",)}
# Django's administration and allauth: they hold people and schools, and nothing that lies behind the wall.
ADMIN = ("admin:",)
THIRD_PARTY = ("account_", "mfa_", "socialaccount_", "openid_connect_", "usersessions_", "headless:")


def _file(_things: Mapping[str, Any]) -> dict[str, Any]:
    return {"file": SimpleUploadedFile("acta.md", b"# Acta\n\nSe reuni\xc3\xb3 el consejo.")}


def _new_version(things: Mapping[str, Any]) -> dict[str, Any]:
    return {**_file(things), "title": "Acta corregida", "valid_from": "2026-03-01"}


def _facts(things: Mapping[str, Any]) -> dict[str, Any]:
    return {"title": "Otro", "collection": str(things["collection"]), "sensitivity": "", "valid_from": ""}


_QUESTION = {"text": "¿Cuántas inasistencias puede tener un alumno?"}
_PROMPT = {"name": "Para familias", "text": "Responder con frases cortas."}
_QUOTING = {"engine": "quoting", "is_enabled": "on", "max_label": "minors", "tasks": ["chat"]}
_MONEY = {
    "currency": "USD",
    "cap": "5",
    "warn_percent": "80",
    "at_cap": "local",
    "question_label": "internal",
}
PORTAL = (
    Call("schools:logo", "GET", Can.READ),
    Call("portal:home", "GET", Can.READ),
    Call("portal:people", "GET", Can.MANAGE_PEOPLE),
    Call(
        "portal:people",
        "POST",
        Can.MANAGE_PEOPLE,
        lambda _: {"email": "nueva@example.org", "role": "teacher", "every_collection": "on"},
        nested=(("collections[]", "collection"),),
        **FORM,
    ),
    Call(
        "portal:person",
        "POST",
        Can.MANAGE_PEOPLE,
        lambda _: {"role": "reader", "every_collection": "on"},
        nested=(("collections[]", "collection"),),
        **FORM,
    ),
    Call("portal:withdraw", "POST", Can.MANAGE_PEOPLE, **FORM),
    Call("portal:settings", "GET", Can.MANAGE_DOCUMENTS),
    Call(
        "portal:settings",
        "POST",
        Can.MANAGE_DOCUMENTS,
        lambda _: {"name": "Otra", "language": "es", "time_zone": "America/Montevideo"},
        also=Can.MANAGE_SCHOOL,
        **FORM,
    ),
    Call("portal:collections", "POST", Can.MANAGE_DOCUMENTS, lambda _: {"name": "Nueva"}, **FORM),
    Call(
        "portal:collection",
        "POST",
        Can.MANAGE_DOCUMENTS,
        lambda _: {"name": "Otra", "description": ""},
        **FORM,
        **SHELF,
    ),
    Call("documents:library", "GET", Can.READ),
    Call(
        "documents:upload",
        "POST",
        Can.UPLOAD,
        _file,
        kind="form",
        served=(201,),
        accept="application/json",
        nested=(("collection", "collection"),),
    ),
    Call("documents:folder", "GET", Can.MANAGE_DOCUMENTS),
    Call("documents:watch_folder", "POST", Can.MANAGE_SCHOOL, lambda _: {"is_on": "0"}, **FORM),
    Call("documents:events", "GET", Can.READ, accept=STREAM),
    Call(
        "documents:arrange",
        "POST",
        Can.UPLOAD,
        lambda things: {"action": "delete", "documents": [str(things["document"])]},
        nested=(("documents[]", "document"),),
        is_uploaders=True,
        **FORM,
    ),
    Call("documents:document", "GET", Can.READ, **SHELF),
    Call("documents:row", "GET", Can.READ, **SHELF),
    Call(
        "documents:change",
        "POST",
        Can.UPLOAD,
        _facts,
        nested=(("collection", "collection"), ("supersedes", "waiting")),
        **FORM,
        **DOCUMENT,
    ),
    Call("documents:replace", "POST", Can.UPLOAD, _new_version, **FORM, **DOCUMENT, keys=WAITING),
    Call("documents:label", "POST", Can.UPLOAD, lambda _: {"sensitivity": "internal"}, **FORM, **DOCUMENT),
    Call("documents:retry", "POST", Can.UPLOAD, **FORM, **DOCUMENT),
    Call("documents:cancel", "POST", Can.UPLOAD, **FORM, **DOCUMENT),
    Call("documents:delete", "POST", Can.UPLOAD, **FORM, **DOCUMENT),
    Call("documents:view", "GET", Can.READ, **SHELF),
    Call("documents:file", "GET", Can.READ, **SHELF),
    Call("documents:picture", "GET", Can.READ, **SHELF),
    Call(
        "documents:ignore",
        "POST",
        Can.UPLOAD,
        lambda _: {"sello": seal_of([UNREAD]), "ignorar": "1"},
        **FORM,
        **DOCUMENT,
    ),
    Call("documents:unlock", "POST", Can.UPLOAD, lambda _: {"password": "clave"}, **FORM, **DOCUMENT),
    Call("documents:read_again", "POST", Can.UPLOAD, lambda _: {"pagina": "1"}, **FORM, **DOCUMENT),
    Call("rag:ask", "GET", Can.ASK),
    Call(
        "rag:start", "POST", Can.ASK, lambda _: _QUESTION, nested=(("collections[]", "collection"),), **FORM
    ),
    Call(
        "rag:start",
        "POST",
        Can.ASK,
        lambda _: _QUESTION,
        accept=STREAM,
        nested=(("collections[]", "collection"),),
    ),
    Call("rag:conversation", "GET", Can.ASK, **PRIVATE),
    Call(
        "rag:messages",
        "POST",
        Can.ASK,
        lambda _: _QUESTION,
        nested=(("collections[]", "collection"),),
        **FORM,
        **PRIVATE,
    ),
    Call(
        "rag:messages",
        "POST",
        Can.ASK,
        lambda _: _QUESTION,
        accept=STREAM,
        nested=(("collections[]", "collection"),),
        **PRIVATE,
    ),
    Call("rag:rename", "POST", Can.ASK, lambda _: {"title": "Otro"}, **FORM, **PRIVATE),
    Call("rag:delete", "POST", Can.ASK, **FORM, **PRIVATE),
    Call("rag:stop", "POST", Can.ASK, served=(204,), **PRIVATE),
    Call("rag:feedback", "POST", Can.ASK, lambda _: {"value": "up"}, **FORM, **PRIVATE),
    Call("rag:pack", "GET", Can.ASK, **PRIVATE),
    Call("prompts:prompts", "GET", Can.ASK),
    Call("prompts:new", "GET", Can.WRITE_PROMPTS),
    Call("prompts:new", "POST", Can.WRITE_PROMPTS, lambda _: _PROMPT, **FORM),
    Call("prompts:prompt", "GET", Can.ASK),
    Call("prompts:change", "POST", Can.WRITE_PROMPTS, lambda _: _PROMPT, **FORM),
    Call("prompts:delete", "POST", Can.WRITE_PROMPTS, **FORM),
    Call("prompts:try", "GET", Can.WRITE_PROMPTS),
    Call(
        "prompts:try",
        "POST",
        Can.WRITE_PROMPTS,
        lambda _: {"pregunta": _QUESTION["text"], "a": "", "b": "1"},
        kind="form",
    ),
    Call("prompts:version", "GET", Can.ASK),
    Call("prompts:restore", "POST", Can.WRITE_PROMPTS, **FORM),
    Call("engines:engines", "GET", Can.SEE_USAGE),
    Call("engines:allow", "POST", Can.MANAGE_ENGINES, lambda _: _QUOTING, **FORM),
    Call("engines:probe", "POST", Can.MANAGE_ENGINES, lambda _: {"engine": "quoting"}, **FORM),
    Call("engines:find", "POST", Can.MANAGE_ENGINES, kind="form"),
    Call("engines:usage", "GET", Can.SEE_USAGE),
    Call("engines:download", "GET", Can.SEE_USAGE),
    Call("engines:plan", "POST", Can.MANAGE_ENGINES, lambda _: _MONEY, **FORM),
    Call("engines:explain", "GET", Can.SEE_USAGE),
    Call("engines:decision", "GET", Can.READ, **ASKERS),
    Call("laboratory:question", "GET", Can.INSPECT),
    Call("laboratory:document", "GET", Can.INSPECT, **SHELF),
)

API = (
    Call("schools_api:school", "GET", Can.READ),
    Call("schools_api:school", "PATCH", Can.MANAGE_SCHOOL, lambda _: {"name": "Otra"}),
    Call("schools_api:members", "GET", Can.MANAGE_PEOPLE),
    Call(
        "schools_api:member",
        "PATCH",
        Can.MANAGE_PEOPLE,
        lambda _: {"role": "reader"},
        nested=(("collections[]", "collection"),),
    ),
    Call("schools_api:invitations", "GET", Can.MANAGE_PEOPLE),
    Call(
        "schools_api:invitations",
        "POST",
        Can.MANAGE_PEOPLE,
        lambda _: {"email": "nueva@example.org", "role": "teacher"},
        served=(201,),
        nested=(("collections[]", "collection"),),
    ),
    Call("schools_api:invitation", "DELETE", Can.MANAGE_PEOPLE, served=(204,)),
    Call("documents_api:collections", "GET", Can.READ),
    Call(
        "documents_api:collections", "POST", Can.MANAGE_DOCUMENTS, lambda _: {"name": "Nueva"}, served=(201,)
    ),
    Call("documents_api:collection", "GET", Can.READ, **SHELF),
    Call("documents_api:collection", "PATCH", Can.MANAGE_DOCUMENTS, lambda _: {"name": "Otra"}, **SHELF),
    Call("documents_api:collection", "DELETE", Can.MANAGE_DOCUMENTS, served=(204,), keys=SPARE, **SHELF),
    Call("documents_api:documents", "GET", Can.READ),
    Call(
        "documents_api:documents",
        "POST",
        Can.UPLOAD,
        _file,
        kind="form",
        served=(201,),
        nested=(("collection", "collection"), ("supersedes", "document")),
    ),
    Call("documents_api:document", "GET", Can.READ, **SHELF),
    Call(
        "documents_api:document",
        "PATCH",
        Can.UPLOAD,
        lambda _: {"title": "Otro"},
        nested=(("collection", "collection"), ("supersedes", "waiting")),
        **DOCUMENT,
    ),
    Call("documents_api:document", "DELETE", Can.UPLOAD, served=(204,), **DOCUMENT),
    Call("documents_api:file", "GET", Can.READ, **SHELF),
    Call("documents_api:blocks", "GET", Can.READ, **SHELF),
    Call("documents_api:watched_folder", "GET", Can.MANAGE_DOCUMENTS),
    Call("documents_api:watched_folder", "PATCH", Can.MANAGE_SCHOOL, lambda _: {"is_on": False}),
    Call("documents_api:search", "GET", Can.READ, **SHELF),
    Call("documents_api:ignore", "POST", Can.UPLOAD, lambda _: {"index": 0}, **DOCUMENT),
    # The document is open already, and says so.
    Call(
        "documents_api:unlock",
        "POST",
        Can.UPLOAD,
        lambda _: {"password": "clave"},
        served=(409,),
        **DOCUMENT,
    ),
    Call("documents_api:read_again", "POST", Can.UPLOAD, served=(202,), **DOCUMENT),
    Call("documents_api:retry", "POST", Can.UPLOAD, served=(202,), **DOCUMENT),
    Call("documents_api:cancel", "POST", Can.UPLOAD, **DOCUMENT),
    Call("documents_api:run", "GET", Can.READ, **SHELF),
    Call("documents_api:run_events", "GET", Can.READ, accept=STREAM, **SHELF),
    Call("documents_api:run_cancel", "POST", Can.UPLOAD, **DOCUMENT),
    Call(
        "rag_api:search",
        "POST",
        Can.READ,
        lambda _: {"query": "inasistencias"},
        nested=(("collections[]", "collection"),),
    ),
    Call(
        "rag_api:laboratory_search",
        "POST",
        Can.INSPECT,
        lambda _: {"query": "inasistencias"},
        nested=(("collections[]", "collection"),),
    ),
    Call("rag_api:chunks", "GET", Can.INSPECT, **SHELF),
    Call("rag_api:conversations", "GET", Can.ASK),
    Call("rag_api:conversations", "POST", Can.ASK, lambda _: {"title": "Nueva"}, served=(201,)),
    Call("rag_api:conversation", "GET", Can.ASK, **PRIVATE),
    Call("rag_api:conversation", "PATCH", Can.ASK, lambda _: {"title": "Otro"}, **PRIVATE),
    Call("rag_api:conversation", "DELETE", Can.ASK, served=(204,), **PRIVATE),
    Call(
        "rag_api:messages",
        "POST",
        Can.ASK,
        lambda _: _QUESTION,
        served=(201,),
        nested=(("collections[]", "collection"),),
        **PRIVATE,
    ),
    Call(
        "rag_api:messages",
        "POST",
        Can.ASK,
        lambda _: _QUESTION,
        accept=STREAM,
        nested=(("collections[]", "collection"),),
        **PRIVATE,
    ),
    Call("rag_api:feedback", "POST", Can.ASK, lambda _: {"rating": 1}, **PRIVATE),
    Call("rag_api:stop", "POST", Can.ASK, served=(204,), **PRIVATE),
    Call("rag_api:evidence", "GET", Can.ASK, **PRIVATE),
    Call("rag_api:prompts", "GET", Can.ASK),
    Call("rag_api:prompts", "POST", Can.WRITE_PROMPTS, lambda _: _PROMPT, served=(201,)),
    Call("rag_api:prompt", "GET", Can.ASK),
    Call("rag_api:prompt", "PATCH", Can.WRITE_PROMPTS, lambda _: {"text": "Responder en pasos."}),
    Call("rag_api:prompt", "DELETE", Can.WRITE_PROMPTS, served=(204,)),
    Call("rag_api:prompt_try", "POST", Can.WRITE_PROMPTS, lambda _: {**_QUESTION, "versions": [1, None]}),
    Call("rag_api:prompt_versions", "GET", Can.ASK),
    Call("engines_api:engines", "GET", Can.READ),
    Call("engines_api:engine", "PATCH", Can.MANAGE_ENGINES, lambda _: {"is_enabled": True}),
    Call("engines_api:check", "POST", Can.MANAGE_ENGINES),
    Call("engines_api:explain", "POST", Can.READ, lambda _: {"task": "chat"}),
    Call("engines_api:decision", "GET", Can.READ, **ASKERS),
    Call("engines_api:usage", "GET", Can.SEE_USAGE),
    Call("engines_api:budget", "GET", Can.SEE_USAGE),
    Call("engines_api:budget", "PATCH", Can.MANAGE_ENGINES, lambda _: {"warn_percent": 70}),
)

CALLS = (
    *PORTAL,
    *sound_urls.PORTAL,
    *planilla_urls.PORTAL,
    *planilla_api_urls.PORTAL,
    *API,
    *sound_urls.API,
    *planilla_urls.API,
    *planilla_api_urls.API,
)


@dataclass(frozen=True, slots=True)
class Address:
    """An address as the resolver has it."""

    name: str
    route: str
    parameters: tuple[str, ...]
    view: Any


def addresses() -> list[Address]:
    """Return every address of the house, from the resolver's own list."""
    return list(_walk(get_resolver(), "", "", ()))


def _walk(resolver: URLResolver, prefix: str, route: str, outer: tuple[str, ...]) -> Iterator[Address]:
    for each in resolver.url_patterns:
        here = route + str(each.pattern)
        parameters = (*outer, *each.pattern.converters)
        if isinstance(each, URLResolver):
            inner = f"{prefix}{each.namespace}:" if each.namespace else prefix
            yield from _walk(each, inner, here, parameters)
        elif isinstance(each, URLPattern):
            # allauth's older addresses of social login have no name of their own.
            name = each.name or ("socialaccount_moved" if here.startswith("cuenta/social/") else "")
            yield Address(f"{prefix}{name}", here, parameters, each.callback)
