"""The API of the library: collections, documents, and the background work on them."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import status
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response
from rest_framework.views import APIView

from documents import collections, library, originals, uploads, watching
from documents.api_shapes import (
    BlockShape,
    CollectionChange,
    CollectionShape,
    DocumentChange,
    DocumentQuery,
    DocumentShape,
    NewCollection,
    RunShape,
    Started,
    Upload,
    Uploaded,
    changes_of,
    facts_of,
    of_block,
    of_collection,
    of_entry,
    of_received,
    of_run,
)
from documents.parsers.kinds import FORMATS
from pipeline.models import RunState
from pipeline.runs import Progress
from schools import events
from schools.admission import Member, in_school
from schools.idempotency import idempotent, idempotent_after
from schools.json_body import JsonBody
from schools.openapi import EVENT, STREAM, describe
from schools.paging import over, page, page_by_ordinal
from schools.rendering import Anything, EventStreamRenderer
from schools.roles import Can
from schools.shapes import Call, page_of, read, read_query

# Beside the file, what multipart itself and the other fields take.
_FORM_BYTES = 64 * 1024


class Collections(APIView):
    """`collections/`"""

    @describe("list_collections", area="collections", gives=page_of(CollectionShape), lists=True)
    @in_school(Can.READ)
    def get(self, request: Call) -> Response:
        """Return the collections that I may see."""
        return Response(page(request, over(collections.visible(request.member)), of_collection))

    @describe(
        "create_collection", area="collections", takes=NewCollection, gives=CollectionShape, creates=True
    )
    @in_school(Can.MANAGE_DOCUMENTS)
    @idempotent
    def post(self, request: Call) -> Response:
        """Make a collection."""
        made = collections.create(request.member, **read(NewCollection, request))
        return Response(of_collection(made), status=status.HTTP_201_CREATED)


class OneCollection(APIView):
    """`collections/{id}/`"""

    @describe("get_collection", area="collections", gives=CollectionShape)
    @in_school(Can.READ)
    def get(self, request: Call, collection_id: UUID) -> Response:
        """Return a collection."""
        return Response(of_collection(collections.get(request.member, collection_id)))

    @describe("change_collection", area="collections", takes=CollectionChange, gives=CollectionShape)
    @in_school(Can.MANAGE_DOCUMENTS)
    def patch(self, request: Call, collection_id: UUID) -> Response:
        """Rename or describe a collection."""
        given = read(CollectionChange, request)
        collections.change(
            request.member, collection_id, name=given.get("name"), description=given.get("description")
        )
        return Response(of_collection(collections.get(request.member, collection_id)))

    @describe("delete_collection", area="collections")
    @in_school(Can.MANAGE_DOCUMENTS)
    def delete(self, request: Call, collection_id: UUID) -> Response:
        """Delete an empty collection."""
        collections.delete(request.member, collection_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


class Documents(APIView):
    """`documents/`"""

    parser_classes = (MultiPartParser,)

    @describe(
        "list_documents", area="documents", gives=page_of(DocumentShape), query=(DocumentQuery,), lists=True
    )
    @in_school(Can.READ)
    def get(self, request: Call) -> Response:
        """Return the documents that I may see, newest first."""
        asked, member = read_query(DocumentQuery, request), request.member

        def fetch(before: UUID | None, after: UUID | None, limit: int) -> list[library.Entry]:
            return library.search(
                member,
                query=asked.get("q", ""),
                collection_id=asked.get("collection"),
                status=asked.get("status", ""),
                force=asked.get("validity", ""),
                labelled=asked.get("sensitivity", ""),
                before=before,
                after=after,
                limit=limit,
            )

        return Response(page(request, fetch, of_entry))

    @describe(
        "upload_document",
        area="documents",
        takes={"multipart/form-data": Upload},
        gives=Uploaded,
        also={200: OpenApiResponse(Uploaded, "the school had these bytes already")},
        creates=True,
    )
    @in_school(Can.UPLOAD)
    def post(self, request: Call) -> HttpResponseBase:
        """Upload a file, which is processed in the background."""
        # Before anything of the body is read: a file that is too large is not even spooled.
        _check_length(request)
        return self._receive(request)

    # The body is here already, and the same bytes twice are one document: a program need not wait for long.
    @idempotent_after(timedelta(seconds=20))
    def _receive(self, request: Call) -> Response:
        given = read(Upload, request)
        received = uploads.receive(
            request.member,
            given["file"],
            facts=facts_of(given),
        )
        code = status.HTTP_200_OK if received.is_duplicate else status.HTTP_201_CREATED
        return Response(of_received(received), status=code)


class OneDocument(APIView):
    """`documents/{id}/`"""

    parser_classes = (JsonBody,)

    @describe("get_document", area="documents", gives=DocumentShape)
    @in_school(Can.READ)
    def get(self, request: Call, document_id: UUID) -> Response:
        """Return a document and how far its processing is."""
        return Response(of_entry(library.get(request.member, document_id)))

    @describe("change_document", area="documents", takes=DocumentChange, gives=DocumentShape)
    @in_school(Can.UPLOAD)
    def patch(self, request: Call, document_id: UUID) -> Response:
        """Change a document's record."""
        given = read(DocumentChange, request)
        changes = changes_of(given)
        library.change(request.member, document_id, changes=changes)
        return Response(of_entry(library.get(request.member, document_id)))

    @describe("delete_document", area="documents")
    @in_school(Can.UPLOAD)
    def delete(self, request: Call, document_id: UUID) -> Response:
        """Delete a document with all that was made of it."""
        library.delete(request.member, [document_id])
        return Response(status=status.HTTP_204_NO_CONTENT)


class Original(APIView):
    """`documents/{id}/file`"""

    renderer_classes = (Anything,)

    @describe(
        "download_document",
        area="documents",
        gives=OpenApiResponse(OpenApiTypes.BINARY, "the original, or the part that Range asks for"),
        media=[each.media_type for each in FORMATS],
    )
    @in_school(Can.READ)
    def get(self, request: Call, document_id: UUID) -> HttpResponseBase:
        """Return the original file."""
        entry = library.get(request.member, document_id)
        return originals.respond(request._request, entry.document, inline=False)


class Blocks(APIView):
    """`documents/{id}/blocks/`"""

    @describe(
        "list_blocks",
        area="documents",
        gives=page_of(BlockShape),
        query=(
            OpenApiParameter("limit", int, description="1 to 200, 50 when left out"),
            OpenApiParameter("after", int, description="the ordinal after which to go on"),
        ),
    )
    @in_school(Can.READ)
    def get(self, request: Call, document_id: UUID) -> Response:
        """Return what was read of a document, in reading order, with places."""

        def fetch(after: int, limit: int) -> list[Any]:
            return library.blocks(request.member, document_id, after=after, limit=limit)

        return Response(page_by_ordinal(request, fetch, of_block))


class Retry(APIView):
    """`documents/{id}/retry`"""

    @describe("retry_document", area="documents", gives=Started, status=202)
    @in_school(Can.UPLOAD)
    def post(self, request: Call, document_id: UUID) -> Response:
        """Process a document again from the beginning; while it is being processed, go on with that."""
        run_id = library.retry(request.member, document_id)
        document = library.get(request.member, document_id).document
        body = Started({"id": document.pk, "status": document.status, "run_id": run_id}).data
        return Response(body, status=status.HTTP_202_ACCEPTED)


class Cancel(APIView):
    """`documents/{id}/cancel`"""

    @describe("cancel_document", area="documents", gives=DocumentShape)
    @in_school(Can.UPLOAD)
    def post(self, request: Call, document_id: UUID) -> Response:
        """Stop the processing of a document; one that has ended stays as it is."""
        library.cancel(request.member, document_id)
        return Response(of_entry(library.get(request.member, document_id)))


class OneRun(APIView):
    """`runs/{id}/`"""

    @describe("get_run", area="runs", gives=RunShape)
    @in_school(Can.READ)
    def get(self, request: Call, run_id: UUID) -> Response:
        """Return a run and how far it is."""
        return Response(of_run(watching.get(request.member, run_id)))


class RunEvents(APIView):
    """`runs/{id}/events`"""

    renderer_classes = (EventStreamRenderer,)

    @describe("watch_run", area="runs", gives=EVENT, media=STREAM)
    @in_school(Can.READ)
    def get(self, request: Call, run_id: UUID) -> HttpResponseBase:
        """Tell of a run: `progress` at each change, then `done`, `failed` or `cancelled`, each with the run."""
        run = watching.get(request.member, run_id)
        return events.stream(_told(request.member, run))


class CancelRun(APIView):
    """`runs/{id}/cancel`"""

    @describe("cancel_run", area="runs", gives=RunShape)
    @in_school(Can.UPLOAD)
    def post(self, request: Call, run_id: UUID) -> Response:
        """Stop the processing of a document; a run that has ended stays as it is."""
        return Response(of_run(watching.cancel(request.member, run_id)))


async def _told(member: Member, run: Progress) -> AsyncIterator[events.Event]:
    names = {RunState.QUEUED: "progress", RunState.RUNNING: "progress"}
    async for now in watching.follow(member, run):
        yield events.Event(names.get(now.state, now.state.value), of_run(now))


def _check_length(request: Call) -> None:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if length.isdigit() and int(length) > uploads.most_bytes() + _FORM_BYTES:
        raise uploads.TooLarge(
            _("El archivo pesa más de %d MB.") % (uploads.most_bytes() // 1000**2), field="file"
        )
