"""The page on which a planilla is begun: its template, what it is filled from, and what will happen."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from documents import collections
from planillas import choosing, foretelling, ready_made, starting, templates
from planillas.choosing import Search
from schools.admission import Member, SchoolRequest, in_school
from schools.refusals import Refused
from schools.roles import Can

READY = "lista-"  # before the name of a ready-made template


@dataclass(frozen=True, slots=True)
class Typed:
    """The page as it stands. `template`: an id, or READY and a name."""

    template: str = ""
    title: str = ""
    instructions: str = ""
    collections: tuple[UUID, ...] = ()
    documents: tuple[UUID, ...] = ()


@require_http_methods(["GET", "HEAD", "POST"])
@in_school(Can.FILL)
def show(request: SchoolRequest) -> HttpResponse:
    """Show the page, with a template or sources that the address names; begin a planilla."""
    if request.method != "POST":
        return _page(request, _typed(request.GET))
    typed = _typed(request.POST)
    if request.POST.get("do") == "search" or "pagina" in request.POST:
        return _page(request, typed)
    try:
        template_id = _template_id(request.member, typed.template)
        planilla = starting.start(
            request.member,
            template_id=template_id,
            title=typed.title,
            documents=typed.documents,
            collections=typed.collections,
            instructions=typed.instructions,
        )
    except Refused as error:
        return _page(request, typed, error=error)
    return redirect("planillas:planilla", slug=request.member.slug, planilla_id=planilla.pk)


@require_GET
@in_school(Can.FILL)
def show_documents(request: SchoolRequest) -> HttpResponse:
    """Show one page of what may be picked, as the page has it."""
    found = choosing.find(request.member, search_of(request.GET))
    return render(request, "planillas/parts/documents.html", {"found": found, "picked_ids": ()})


@require_POST
@in_school(Can.FILL)
def foretell(request: SchoolRequest) -> HttpResponse:
    """Tell what would happen with what is chosen; nothing is called or spent."""
    typed = _typed(request.POST)
    told = foretelling.foretell(request.member, documents=typed.documents, collections=typed.collections)
    return render(request, "planillas/parts/foretold.html", {"foretold": told})


def _page(request: HttpRequest, typed: Typed, *, error: Refused | None = None) -> HttpResponse:
    member: Member = request.member  # type: ignore[attr-defined]  # admitted by the views
    search = search_of(request.POST if request.method == "POST" else request.GET)
    context: dict[str, Any] = {
        "typed": typed,
        "templates": templates.every(member),
        "ready_made": ready_made.planillas(),
        "chosen": _chosen(member, typed.template),
        "shelves": collections.visible(member),
        "picked": choosing.picked(member, typed.documents),
        "picked_ids": frozenset(typed.documents),
        "search": search,
        "found": choosing.find(member, search),
        "kinds": ((choosing.DOCUMENTS, _("Solo documentos")), (choosing.RECORDINGS, _("Solo grabaciones"))),
        "limits": {"title": starting.TITLE_MOST_CHARS, "instructions": starting.INSTRUCTIONS_MOST_CHARS},
        "sources_most": starting.SOURCES_MOST,
        "foretold": foretelling.foretell(member, documents=typed.documents, collections=typed.collections),
        "error": error,
    }
    return render(request, "planillas/new.html", context, status=error.status if error else 200)


def _chosen(member: Member, name: str) -> dict[str, Any] | None:
    """Return what the chosen template holds, to be shown; None where none is chosen."""
    if name.startswith(READY):
        ready = next((each for each in ready_made.planillas() if READY + each.name == name), None)
        return {"purpose": ready.purpose, "row_is": ready.row_is, "columns": ready.columns} if ready else None
    template_id = _uuid(name)
    try:
        found = templates.get(member, template_id) if template_id else None
    except templates.NoSuchTemplate:
        return None
    if found is None:
        return None
    return {
        "purpose": found.purpose,
        "row_is": found.row_is,
        "columns": templates.columns_of(found),
        "format": found.format,
    }


def _template_id(member: Member, name: str) -> UUID:
    """Return the template that was chosen; a ready-made one is copied when it is used."""
    if name.startswith(READY):
        return UUID(str(templates.use_ready_made(member, name.removeprefix(READY)).pk))
    template_id = _uuid(name)
    if template_id is None:
        raise templates.BadTemplate(_("Falta elegir una plantilla."), field="template")
    return template_id


def _typed(given: QueryDict) -> Typed:
    ids = [_uuid(each) for each in given.getlist("documents")]
    shelves = [_uuid(each) for each in given.getlist("collections")]
    return Typed(
        template=(given.get("template") or given.get("plantilla") or "")[:100],
        title=given.get("title", "").replace("\0", ""),
        instructions=given.get("instructions", "").replace("\0", ""),
        collections=tuple(dict.fromkeys(each for each in shelves if each)),
        documents=tuple(dict.fromkeys(each for each in ids if each)),
    )


def search_of(given: QueryDict) -> Search:
    """Return what is looked for among the sources, as the page was sent."""
    kind = given.get("tipo", "")
    return Search(
        query=given.get("q", "")[:200],
        collection_id=_uuid(given.get("coleccion", "")),
        kind=kind if kind in (choosing.DOCUMENTS, choosing.RECORDINGS) else "",
        with_unready="todos" in given,
        page=given.get("pagina", "1"),
    )


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
