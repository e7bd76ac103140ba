"""What a program may send, well formed or not."""

import json
from typing import Any

from rest_framework.test import APIClient


def send(program: APIClient, method: str, path: str, body: Any, **options: Any) -> Any:
    """Send a body as JSON, half characters and all, which the client's own writer refuses."""
    return program.generic(method, path, json.dumps(body), content_type="application/json", **options)


def send_raw(program: APIClient, path: str, body: bytes, *, kind: str) -> Any:
    """Post bytes as they are, said to be of this kind."""
    return program.generic("POST", path, body, content_type=kind)  # type: ignore[arg-type]  # bytes are taken too
