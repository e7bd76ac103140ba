"""A proxy before Qdrant on a real socket: it writes down every request, and can change what comes back."""

import threading
import urllib.request
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.error import HTTPError

_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class QdrantProxy:
    """Stands between the application and Qdrant for the length of a `with`."""

    def __init__(self, target: str) -> None:
        self.requests: list[str] = []
        self.bodies: list[bytes] = []
        # A word in the path of the requests that Qdrant carries out and never answers.
        self.silent_on = ""
        self.change: Callable[[bytes], bytes] = lambda body: body
        self._target = target.rstrip("/")
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    @property
    def url(self) -> str:
        """Return the address to give to the application."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> "QdrantProxy":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            def _pass_on(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                proxy.requests.append(f"{self.command} {self.path}")
                proxy.bodies.append(body)
                kept = {
                    name: value
                    for name, value in self.headers.items()
                    if name.lower() in ("api-key", "content-type")
                }
                request = urllib.request.Request(
                    proxy._target + self.path, data=body or None, headers=kept, method=self.command
                )
                try:
                    with _OPENER.open(request, timeout=20) as answer:
                        status, content = answer.status, answer.read()
                except HTTPError as refusal:
                    status, content = refusal.code, refusal.read()
                    refusal.close()
                if proxy.silent_on and proxy.silent_on in self.path:
                    self.close_connection = True
                    return
                content = proxy.change(content)
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _pass_on  # noqa: N815

            def log_message(self, *_: Any) -> None:
                """Write nothing to the console."""

        return Handler
