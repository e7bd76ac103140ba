"""The API of the templates of planillas."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from rest_framework import status
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response
from rest_framework.views import APIView

from planillas import own_files, templates
from planillas.api_shapes import (
    NewTemplate,
    TemplateChange,
    TemplateFile,
    TemplateShape,
    draft_of,
    of_template,
)
from schools.admission import in_school
from schools.idempotency import idempotent
from schools.json_body import JsonBody
from schools.openapi import describe
from schools.paging import over, page
from schools.roles import Can
from schools.shapes import Call, page_of, read

# Beside the file, what multipart itself and the other fields take.
_FORM_BYTES = 64 * 1024


class Templates(APIView):
    """`planilla-templates/`"""

    parser_classes = (JsonBody, MultiPartParser)

    @describe("list_planilla_templates", area="planillas", gives=page_of(TemplateShape), lists=True)
    @in_school(Can.READ)
    def get(self, request: Call) -> Response:
        """Return the school's templates, newest first."""
        return Response(page(request, over(templates.every(request.member)), of_template))

    @describe(
        "create_planilla_template",
        area="planillas",
        takes={"application/json": NewTemplate, "multipart/form-data": TemplateFile},
        gives=TemplateShape,
        creates=True,
    )
    @in_school(Can.DESIGN)
    def post(self, request: Call) -> HttpResponseBase:
        """Make a template: of columns (JSON), of a ready-made one (its name), or of the school's own file (multipart).

        422 (`template_not_fillable` and others) says why a file cannot be one.
        """
        # Before anything of the body is read: a file that is too large is not even spooled.
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdigit() and int(length) > own_files.MAX_BYTES + _FORM_BYTES:
            raise own_files.TooBigFile(_("El archivo pesa más de %d MB.") % (own_files.MAX_BYTES // 1024**2))
        return self._make(request)

    @idempotent
    def _make(self, request: Call) -> Response:
        if request.content_type.startswith("multipart/"):
            made = _uploaded(request)
        else:
            given = read(NewTemplate, request)
            ready = given.pop("ready_made")
            made = (
                templates.copy_ready_made(request.member, ready)
                if ready
                else templates.create(request.member, draft_of(given))
            )
        return Response(of_template(made), status=status.HTTP_201_CREATED)


class OneTemplate(APIView):
    """`planilla-templates/{id}/`"""

    parser_classes = (JsonBody,)

    @describe("get_planilla_template", area="planillas", gives=TemplateShape)
    @in_school(Can.READ)
    def get(self, request: Call, template_id: UUID) -> Response:
        """Return a template."""
        return Response(of_template(templates.get(request.member, template_id)))

    @describe("change_planilla_template", area="planillas", takes=TemplateChange, gives=TemplateShape)
    @in_school(Can.DESIGN)
    def patch(self, request: Call, template_id: UUID) -> Response:
        """Change a template; planillas that were made from it keep what they have."""
        given: dict[str, Any] = read(TemplateChange, request)
        known = templates.get(request.member, template_id)
        draft = draft_of(given, usual=templates.draft_of(known))
        # Without a rev it is at least what was read just now that is changed.
        changed = templates.change(request.member, template_id, draft, began_from=given.get("rev", known.rev))
        return Response(of_template(changed))

    @describe("delete_planilla_template", area="planillas")
    @in_school(Can.DESIGN)
    def delete(self, request: Call, template_id: UUID) -> Response:
        """Take a template away; planillas that were made from it stay."""
        templates.delete(request.member, template_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _uploaded(request: Call) -> Any:
    given = read(TemplateFile, request)
    made = templates.upload(request.member, given["file"].read(), given["file"].name)
    if not given["name"]:
        return made
    draft = replace(templates.draft_of(made), name=given["name"])
    return templates.change(request.member, made.pk, draft, began_from=made.rev)
