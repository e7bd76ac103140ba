"""A program that uploads and does not give up: each file under one Idempotency-Key until it is answered."""

import hashlib
import time
from collections import Counter
from dataclasses import dataclass, field
from uuid import UUID, uuid5

import httpx

from tests.faults.material import Brought
from tests.faults.oracle import Acknowledged

PASSWORD = "una-clave-larga-1"
_KEYS = UUID("6f1d5d8e-7a43-4f0c-9a55-3d0f6b0f2c11")
_AGAIN_S = 0.5
_GIVES_UP_AFTER_S = 420.0
# What says "not now": anything else is an answer.
_NOT_NOW = (401, 409, 429, 500, 502, 503, 504, 507)


class GaveUp(Exception):
    """An upload was never answered, or refused."""


@dataclass(slots=True)
class Client:
    """The director of one school, as a program."""

    url: str
    school: str
    email: str
    school_id: UUID
    acknowledged: list[Acknowledged] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)
    longest_s: float = 0.0
    _token: str = ""

    def upload(self, brought: Brought) -> None:
        """Upload a file, again and again until it is acknowledged."""
        sha256 = hashlib.sha256(brought.content).hexdigest()
        key = str(uuid5(_KEYS, f"{self.school}:{sha256}"))
        began_at = time.monotonic()
        while True:
            answer = self._try(brought, key)
            if answer is not None and answer.status_code in (200, 201):
                document_id = UUID(answer.json()["id"])
                self.acknowledged.append(Acknowledged(document_id, self.school_id, sha256))
                self.longest_s = max(self.longest_s, time.monotonic() - began_at)
                return
            if answer is not None and answer.status_code not in _NOT_NOW:
                raise GaveUp(f"{brought.name}: {answer.status_code} {answer.text[:300]}")
            if time.monotonic() - began_at > _GIVES_UP_AFTER_S:
                raise GaveUp(f"{brought.name} was not answered: {dict(self.seen)}")
            time.sleep(_AGAIN_S)

    def _try(self, brought: Brought, key: str) -> httpx.Response | None:
        """Send the file once; None when no answer came."""
        try:
            with httpx.Client(base_url=self.url, trust_env=False, timeout=60) as http:
                if not self._token:
                    login = http.post("/api/v1/auth/login", json={"email": self.email, "password": PASSWORD})
                    if login.status_code != 200:
                        self.seen[f"login {login.status_code}"] += 1
                        return None
                    self._token = login.json()["access_token"]
                answer = http.post(
                    f"/api/v1/schools/{self.school}/documents/",
                    files={"file": (brought.name, brought.content)},
                    headers={"Authorization": f"Bearer {self._token}", "Idempotency-Key": key},
                )
        except httpx.TransportError as error:
            self.seen[type(error).__name__] += 1
            return None
        told = answer.json().get("code", "") if answer.headers["content-type"].endswith("json") else ""
        self.seen[f"{answer.status_code} {told}".strip()] += 1
        if answer.status_code == 401:
            self._token = ""
        return answer
