"""A small OpenID Connect provider on a real socket: discovery, token, user info. Lives at the outside edge only."""

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs


class FakeProvider:
    """Answers as a provider would for one person; checks the code and the proof of possession (PKCE)."""

    def __init__(self) -> None:
        self.person: dict[str, Any] = {}
        self.challenge = ""  # what the authorisation request carried
        self.refused: list[str] = []
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.path.startswith("/.well-known/openid-configuration"):
                    self._answer(200, provider.discovery())
                elif self.path == "/userinfo" and self.headers["Authorization"] == "Bearer the-access-token":
                    self._answer(200, provider.person)
                else:
                    self._answer(404, {})

            def do_POST(self) -> None:
                form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                digest = hashlib.sha256(form.get("code_verifier", [""])[0].encode()).digest()
                proof = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
                if form.get("code") != ["the-code"] or proof != provider.challenge:
                    provider.refused.append("token")
                    self._answer(400, {"error": "invalid_grant"})
                    return
                self._answer(
                    200, {"access_token": "the-access-token", "token_type": "Bearer", "expires_in": 60}
                )

            def _answer(self, status: int, body: dict[str, Any]) -> None:
                content = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def discovery(self) -> dict[str, Any]:
        """Return where things are."""
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "userinfo_endpoint": f"{self.url}/userinfo",
            "jwks_uri": f"{self.url}/jwks",
        }

    @contextmanager
    def running(self) -> Iterator["FakeProvider"]:
        """Serve until the block ends."""
        thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()
