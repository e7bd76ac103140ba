"""LibreChat CVE-2026-31949: a DELETE with a body that made no sense ended the process.

Red when a view reads `request.data` of what carries no body without schools/json_body.py.
"""

from typing import Any

from tests.advisories.conftest import Stage, taken_back
from tests.tenancy.urls import CALLS

BODIES: tuple[tuple[bytes, str], ...] = (
    (b"{", "application/json"),
    (b"\xff\xfe\x00", "application/json"),
    (b"[" * 50_000, "application/json"),
    (b'{"a":' * 5_000, "application/json"),
    (b"null", "application/json"),
    (b'"\\ud800"', "application/json"),
    (b"1e999999", "application/json"),
    (b"--x\r\nContent-Disposition: form-data; name=", "multipart/form-data; boundary=x"),
    (b"x", "text/html; charset=x-no-such"),
)
DELETES = [call for call in CALLS if call.method == "DELETE"]


def test_no_body_of_a_deletion_is_our_fault(stage_of_two: Stage) -> None:
    assert len(DELETES) >= 8
    client: Any
    for number, call in enumerate(DELETES):
        client = stage_of_two.client(stage_of_two.ana, call)
        for body, kind in BODIES if number == 0 else BODIES[:2]:
            with taken_back():
                answer = client.generic("DELETE", stage_of_two.path(call), body, content_type=kind)
                assert answer.status_code < 500, (str(call), body[:20])
        stage_of_two.serve(call)
