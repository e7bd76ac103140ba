"""What becomes of a recording whose transcript was changed. Called by the pipeline inside the school's scope."""

from uuid import UUID


class _Republishing:
    """The run that brings a person's corrections to the index."""

    def started(self, subject_id: UUID) -> None:
        """Show nothing: the old text is found until the new one is."""

    def finished(self, subject_id: UUID) -> None:
        """Show nothing."""

    def failed(self, subject_id: UUID, *, code: str, reason: str) -> None:
        """Show nothing: the run itself keeps the error."""


of_republishing = _Republishing()
