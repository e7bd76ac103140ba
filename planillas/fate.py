"""What becomes of a planilla or a report when its run ends. Called by the pipeline inside the school's scope."""

from uuid import UUID

from django.utils import timezone

from planillas.models import Planilla, Report, State


class _Filling:
    """The run that fills a planilla for the first time."""

    def started(self, subject_id: UUID) -> None:
        """Show it as being filled."""
        Planilla.objects.filter(pk=subject_id).update(state=State.FILLING, error_code="", error_detail="")

    def finished(self, subject_id: UUID) -> None:
        """Hand it to whoever reviews it."""
        Planilla.objects.filter(pk=subject_id).update(state=State.REVIEW, filled_at=timezone.now())

    def failed(self, subject_id: UUID, *, code: str, reason: str) -> None:
        """Show why it was not filled; rows that were found stay."""
        Planilla.objects.filter(pk=subject_id).update(
            state=State.FAILED, error_code=code, error_detail=reason
        )


class _Refilling:
    """The run that fills stale cells again: until it is done, the planilla shows what it had."""

    def started(self, subject_id: UUID) -> None:
        """Show nothing."""

    def finished(self, subject_id: UUID) -> None:
        """Show nothing: the cells tell."""

    def failed(self, subject_id: UUID, *, code: str, reason: str) -> None:
        """Show nothing: the run keeps the error, the cells stay stale."""


class _Drafting:
    """The run that writes a report."""

    def started(self, subject_id: UUID) -> None:
        """Show it as being written."""
        Report.objects.filter(pk=subject_id).update(state=State.FILLING, error_code="", error_detail="")

    def finished(self, subject_id: UUID) -> None:
        """Hand it to whoever reviews it."""
        Report.objects.filter(pk=subject_id).update(state=State.REVIEW, drafted_at=timezone.now())

    def failed(self, subject_id: UUID, *, code: str, reason: str) -> None:
        """Show why it was not written; sections that were stay."""
        Report.objects.filter(pk=subject_id).update(state=State.FAILED, error_code=code, error_detail=reason)


of_filling = _Filling()
of_refilling = _Refilling()
of_drafting = _Drafting()
