"""A large upload on its way to the disk."""

from contextlib import suppress

from django.core.files.uploadhandler import TemporaryFileUploadHandler


class Spool(TemporaryFileUploadHandler):
    """Django's own, which leaves what it has written on a full disk until the garbage is collected."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Write a piece; give the room back at once when there is none for it."""
        try:
            super().receive_data_chunk(raw_data, start)
        except OSError:
            with suppress(OSError):  # what it still held finds no room either
                self.file.close()
            raise
