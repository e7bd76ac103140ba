"""JSON from programs, read with a limit on its size and depth."""

import io
from collections.abc import Mapping
from typing import IO, Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from schools.refusals import Refused

MOST_BYTES = 1024 * 1024


class BodyTooLarge(Refused):
    """The body is larger than any that the API takes."""

    code = "body_too_large"
    status = 413


class JsonBody(JSONParser):
    """DRF's parser, which reads whatever length it is sent and falls over brackets nested without end."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Return the body; raise BodyTooLarge or ParseError."""
        raw = stream.read(MOST_BYTES + 1)
        if len(raw) > MOST_BYTES:
            raise BodyTooLarge(_("El pedido pesa más de %d KB.") % (MOST_BYTES // 1024))
        try:
            parsed: dict[str, Any] = super().parse(io.BytesIO(raw), media_type, parser_context)
        except RecursionError:
            raise ParseError(_("El pedido tiene demasiados niveles.")) from None
        return parsed
