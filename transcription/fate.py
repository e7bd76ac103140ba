"""What becomes of a recording whose transcript was changed. Called by the pipeline inside the school's scope."""

from uuid import UUID

from pipeline import runs
from transcription.models import Recording


class _Republishing:
    """The run that brings a person's corrections to the index."""

    def started(self, subject_id: UUID) -> None:
        """Show nothing: the old text is found until the new one is."""

    def finished(self, subject_id: UUID) -> None:
        """Begin again where somebody corrected more while it ran."""
        found = Recording.objects.filter(pk=subject_id).values_list("revision", "published").first()
        if found is not None and found[0] > found[1]:
            runs.start("republishing", subject_id)

    def failed(self, subject_id: UUID, *, code: str, reason: str) -> None:
        """Show nothing: the run itself keeps the error, and the next correction starts another."""


of_republishing = _Republishing()
