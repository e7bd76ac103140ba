"""JSON from programs and pages, read with a limit on its size and depth."""

import io
import json
from collections.abc import Mapping
from typing import IO, Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from schools.refusals import Refused

MOST_BYTES = 1024 * 1024


def loads(raw: bytes) -> Any:
    """Return what a page sent; raise ValueError for what is no JSON, nested without end, or has half characters."""
    try:
        parsed = json.loads(raw)
        json.dumps(parsed, ensure_ascii=False).encode()  # half a character (\\ud800) has no bytes
    except RecursionError:
        raise ValueError("nested too deep") from None
    return parsed


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
