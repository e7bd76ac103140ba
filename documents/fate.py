"""What a run's fate means for its document. Called by the pipeline inside the school's scope."""

from uuid import UUID

from documents.models import Document, Status


class _Processing:
    """The run that reads, cuts and indexes a document."""

    def started(self, subject_id: UUID) -> None:
        """Show the document as being processed."""
        Document.objects.filter(pk=subject_id).update(
            status=Status.PROCESSING, error_code="", error_detail=""
        )

    def finished(self, subject_id: UUID) -> None:
        """Show the document as ready, or ready in part where something could not be read."""
        document = Document.objects.filter(pk=subject_id).only("id", "school_id", "unreadable").first()
        if document is not None:
            missed = [each for each in document.unreadable if not each.get("ignored")]
            status = Status.PARTIAL if missed else Status.READY
            Document.objects.filter(pk=subject_id).update(status=status, error_code="", error_detail="")

    def failed(self, subject_id: UUID, *, code: str, reason: str) -> None:
        """Show the document as failed, with the reason."""
        Document.objects.filter(pk=subject_id).update(
            status=Status.FAILED, error_code=code, error_detail=reason
        )


class _Housekeeping:
    """Runs that change nothing of what people are shown."""

    def started(self, subject_id: UUID) -> None:
        """Show nothing."""

    def finished(self, subject_id: UUID) -> None:
        """Show nothing."""

    def failed(self, subject_id: UUID, *, code: str, reason: str) -> None:
        """Show nothing: the run itself keeps the error."""


of_processing = _Processing()
of_housekeeping = _Housekeeping()
