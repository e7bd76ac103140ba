"""What an expected failure is, for the portal and the API alike."""

from typing import Any


class Refused(Exception):
    """An expected failure that staff may read about; each module's own failures inherit it.

    `code` is a stable word for programs, `status` the HTTP status it becomes in the API.
    """

    code = "refused"
    status = 400

    def __init__(self, detail: str, *, field: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.field = field

    @property
    def extra(self) -> dict[str, Any]:
        """Return what the answer to a program carries beside the sentence."""
        return {}
