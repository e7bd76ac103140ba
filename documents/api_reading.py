"""The API of reading: words inside a document, and what to do about parts that could not be read."""

from uuid import UUID

from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from rest_framework import status
from rest_framework.response import Response
from rest_framework.views import APIView

from documents import finding, library, places, unlock, unread
from documents.api_shapes import (
    DocumentShape,
    FoundInsideShape,
    GapChange,
    Password,
    Started,
    WordsQuery,
    of_entry,
    of_found,
)
from documents.models import Document
from documents.places import UnknownPlace
from schools.admission import in_school
from schools.openapi import describe
from schools.roles import Can
from schools.shapes import Call, read, read_query


class Search(APIView):
    """`documents/{id}/search`"""

    @describe("search_document", area="documents", gives=FoundInsideShape, query=(WordsQuery,))
    @in_school(Can.READ)
    def get(self, request: Call, document_id: UUID) -> Response:
        """Return where a document has these words, whatever their accents and capitals, each with its place."""
        asked = read_query(WordsQuery, request)
        document = library.get(request.member, document_id).document
        return Response(of_found(finding.find(request.member, document, asked["q"])))


class Ignore(APIView):
    """`documents/{id}/unreadable/ignore`"""

    @describe("ignore_unreadable", area="documents", takes=GapChange, gives=DocumentShape)
    @in_school(Can.UPLOAD)
    def post(self, request: Call, document_id: UUID) -> Response:
        """Set a part that could not be read aside, or take it up again; 409 while the document is at work."""
        library.check_changeable(request.member, [document_id])
        given = read(GapChange, request)

        def parts(document: Document) -> list[int]:
            if "index" in given:
                return [given["index"]]
            try:
                place = places.from_json(given["place"]) if given["place"] else None
            except (UnknownPlace, TypeError) as error:
                raise unread.NoSuchPart(_("El documento no tiene esa parte.")) from error
            return unread.parts_at(document, place)

        unread.ignore(request.member, document_id, parts, ignored=given["ignored"])
        return Response(of_entry(library.get(request.member, document_id)))


class ReadAgain(APIView):
    """`documents/{id}/pages/{page}/ocr`"""

    @describe("read_page_again", area="documents", gives=Started, status=202)
    @in_school(Can.UPLOAD)
    def post(self, request: Call, document_id: UUID, page: int) -> Response:
        """Have a page read by OCR, whether it has text of its own or not; 409 while the document is at work."""
        run_id = unread.read_again(request.member, document_id, [page])
        document = library.get(request.member, document_id).document
        body = Started({"id": document.pk, "status": document.status, "run_id": run_id}).data
        return Response(body, status=status.HTTP_202_ACCEPTED)


class Unlock(APIView):
    """`documents/{id}/password`"""

    @describe("unlock_document", area="documents", takes=Password, gives=Started, status=202)
    @in_school(Can.UPLOAD)
    @sensitive_variables("given")
    def post(self, request: Call, document_id: UUID) -> Response:
        """Read an encrypted PDF with its password, which is used once and kept nowhere."""
        library.check_changeable(request.member, [document_id])
        given = read(Password, request)
        run_id = unlock.open_with(request.member, document_id, given["password"])
        document = library.get(request.member, document_id).document
        body = Started({"id": document.pk, "status": document.status, "run_id": run_id}).data
        return Response(body, status=status.HTTP_202_ACCEPTED)
