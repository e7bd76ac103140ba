"""How the API settles, with whoever asks, on JSON, a stream of events, or a file."""

import json
from collections.abc import Mapping
from typing import Any

from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request

from schools.events import Event


class Anything(JSONRenderer):
    """Whatever the reader asks for: a file is what it is. Only what is refused is rendered, as JSON."""

    media_type = "*/*"
    format = ""


class EventStreamRenderer(BaseRenderer):
    """A stream of events; what is refused before it begins, and an answer given before, come through here."""

    media_type = "text/event-stream"
    format = "events"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Return a problem as JSON, which its Content-Type says, and a kept answer as the stream's last event."""
        response = (renderer_context or {}).get("response")
        if response is not None and response.status_code >= 400:
            return json.dumps(data, ensure_ascii=False, default=str).encode("utf-8", "replace")
        return Event("done", data).encode()


def wants_events(request: Request) -> bool:
    """Say whether the reader settled on a stream."""
    return isinstance(request.accepted_renderer, EventStreamRenderer)
