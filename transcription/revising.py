"""What follows from every change that a person makes to a transcript: it goes to the index."""

from pipeline import runs
from transcription.models import Recording


def changed(recording: Recording) -> None:
    """Raise the transcript's revision and have it published again. Inside a scope, with the row locked."""
    recording.revision += 1
    recording.save(update_fields=["revision"])
    runs.start("republishing", recording.pk)
