"""A hub of models on loopback: what a repository has, and its files."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from tests.doubles import base
from tests.doubles.base import Double, Handler, Request

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@contextmanager
def serving(repository: str, files: Mapping[str, bytes]) -> Iterator[Double]:
    """Run a hub with one repository for as long as the block lasts."""
    double = Double(extra={"repository": repository, "files": dict(files)})
    with base.serve(_Hub, double) as running:
        yield running


class _Hub(Handler):
    def do_HEAD(self) -> None:  # noqa: N802 – as HTTP names it
        self._take()

    def respond(self, request: Request) -> None:
        """Answer one request."""
        repository, files = self.double.extra["repository"], self.double.extra["files"]
        path = request.path.partition("?")[0]
        name = path.removeprefix(f"/{repository}/resolve/main/")
        if self.double.fault == "gated":
            self.send_json(403, {"error": "gated"}, X_Error_Code="GatedRepo")
        elif path == f"/api/models/{repository}":
            siblings = [{"rfilename": name, "size": self._size(name)} for name in files]
            self.send_json(200, {"id": repository, "sha": COMMIT, "siblings": siblings})
        elif name in files:
            self._send(name, files[name], is_head=request.method == "HEAD")
        else:
            self.send_json(404, {"error": "not found"}, X_Error_Code="RepoNotFound")

    def _size(self, name: str) -> int:
        return int(self.double.extra.get("sizes", {}).get(name, len(self.double.extra["files"][name])))

    def _send(self, name: str, content: bytes, *, is_head: bool) -> None:
        if self.double.fault == "cut" and name == "model.bin" and not is_head:
            return self.cut()
        self.send_response(200)
        self.send_header("content-type", "application/octet-stream")
        self.send_header("content-length", str(len(content)))
        self.send_header("etag", f'"{hashlib.sha256(content).hexdigest()}"')
        self.send_header("x-repo-commit", COMMIT)
        self.end_headers()
        if not is_head:
            self.wfile.write(content)
        return None
