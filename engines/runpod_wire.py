"""RunPod over HTTP: what its two services share, and the one that rents machines (`/v2/pods`)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx2
from django.utils.translation import gettext as _

from engines import loop, wire
from engines.base import (
    BadAnswer,
    Broken,
    Engine,
    EngineError,
    Limits,
    Misconfigured,
    OutOfFunds,
    Unreachable,
)
from engines.pods import Condition, Rental, Seen

_CONDITIONS: Mapping[str, Condition] = {
    "PROVISIONING": "coming",
    "STARTING": "coming",
    "RUNNING": "running",
    "EXITED": "ended",
    "ERROR": "ended",
    "TERMINATED": "absent",
}
_ACTING_S = 25.0  # a machine is placed while the maker keeps us waiting
_LOOKING_S = 5.0
_MOST_PAGES = 50


@dataclass(frozen=True, slots=True)
class Machine:
    """A rented machine as the maker lists it."""

    id: str
    name: str
    condition: Condition
    created_at: datetime | None

    def seen(self, is_answering: bool | None = None) -> Seen:
        """Return the same for the state machine."""
        return Seen(self.condition, self.id, self.created_at, is_answering)


@dataclass(frozen=True, slots=True)
class Account:
    """The machines of one account. Two entries with one account have equal ones."""

    address: str
    secret: str = field(repr=False)

    def machines(self, engine: Engine) -> tuple[Machine, ...]:
        """Return all there are; errors name the engine on whose behalf it is asked."""
        found: list[Machine] = []
        path = "/v2/pods"
        for _page in range(_MOST_PAGES):
            answer = self._ask(engine, "GET", path)
            try:
                found.extend(_machine(pod) for pod in answer.json()["pods"])
            except wire.SHAPE as error:
                raise _no_pods(engine, error) from None
            # The whole list comes at once today; whoever takes a part of it for all would think machines gone.
            following = answer.links.get("next", {}).get("url", "")
            if not following:
                return tuple(found)
            path = httpx2.URL(self.address).join(following).raw_path.decode()
        raise BadAnswer(f"more than {_MOST_PAGES} pages of pods", engine=engine.name)

    def machine(self, engine: Engine, machine_id: str) -> Machine | None:
        """Return one machine, None when the maker has none by this name."""
        answer = self._ask(engine, "GET", f"/v2/pods/{machine_id}", missing=True)
        if answer.status_code == 404:
            return None
        try:
            found = _machine(answer.json())
        except wire.SHAPE as error:
            raise _no_pods(engine, error) from None
        return None if found.condition == "absent" else found

    def start(self, engine: Engine, name: str, rental: Rental) -> Machine:
        """Rent a machine. Broken and the like: whether there is one now is not known."""
        body: dict[str, object] = {
            "name": name,
            "image": rental.image,
            "gpu": {"id": rental.gpu, "count": rental.gpu_count},
            "cloud": rental.cloud,
            "ports": [f"{rental.port}/http"],
            "env": dict(rental.env),
            "disk": rental.disk_gb,
        }
        if rental.args:
            body["args"] = rental.args
        if rental.volume:
            body["mounts"] = {"network": [{"volumeId": rental.volume, "path": rental.volume_path}]}
        answer = self._ask(engine, "POST", "/v2/pods", body)
        try:
            return _machine(answer.json())
        except wire.SHAPE as error:
            raise _no_pods(engine, error) from None

    def stop(self, engine: Engine, machine_id: str) -> None:
        """Delete a machine; one that is gone already is well."""
        self._ask(engine, "DELETE", f"/v2/pods/{machine_id}", missing=True)

    def _ask(
        self, engine: Engine, method: str, path: str, body: object = None, *, missing: bool = False
    ) -> httpx2.Response:
        url = f"{self.address}{path}"
        try:
            answer = _fetch(engine.limits, method, url, body=body, secret=self.secret, most_s=_ACTING_S)
        except (*wire.LINE, TimeoutError) as error:
            raise of_line(error, engine=engine) from None
        if answer.is_success or (missing and answer.status_code == 404):
            return answer
        raise of_answer(answer, engine=engine, key="gpu")


def is_serving(engine: Engine, address: str, *, secret: str) -> bool | None:
    """Say whether a model answers at an OpenAI-compatible address; None when it did not say in time."""
    try:
        answer = _fetch(engine.limits, "GET", f"{address}/models", secret=secret, most_s=_LOOKING_S)
    except (TimeoutError, httpx2.ReadTimeout):
        return None
    except wire.LINE:
        return False
    return answer.status_code == 200


def lines(limits: Limits) -> httpx2.AsyncClient:
    """Return the running loop's client."""
    return _clients.get(limits)


def headers(secret: str) -> dict[str, str]:
    """Return what names the account."""
    return {"authorization": f"Bearer {secret}"} if secret else {}


def of_line(error: BaseException, *, engine: Engine) -> EngineError:
    """Return our error for a request whose answer never came: unless nobody was there, it may have been heard."""
    found = wire.of_line(error, engine=engine.name)
    if isinstance(found, Unreachable) and isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout):
        return found
    return Broken(engine=engine.name)


def of_answer(answer: httpx2.Response, *, engine: Engine, key: str) -> EngineError:
    """Return our error for an answer that is none; `key` of the entry is wrong when RunPod knows no such thing."""
    said = _said(answer)
    low = said.lower()
    if "insufficient" in low and any(word in low for word in ("fund", "balance", "credit")):
        return wire.noted(OutOfFunds(engine=engine.name), said)
    if answer.status_code == 404:
        missing = Misconfigured(
            _("RunPod no lo conoce, o la clave no lo alcanza."), entry=engine.name, key=key
        )
        return wire.noted(missing, said)
    wait_s = wire.seconds(answer.headers.get("retry-after"))
    return wire.of_status(answer.status_code, said, engine=engine, wait_s=wait_s)


def _fetch(
    limits: Limits, method: str, url: str, *, body: object = None, secret: str, most_s: float
) -> httpx2.Response:
    async def fetch() -> httpx2.Response:
        return await lines(limits).request(method, url, json=body, headers=headers(secret))

    return loop.run(fetch(), timeout_s=most_s)


def _said(answer: httpx2.Response) -> str:
    """Return RunPod's words: of a problem (RFC 9457), of an error, or whatever came."""
    try:
        told = answer.json()
    except ValueError:
        return answer.text
    if isinstance(told, dict):
        return " ".join(str(told[name]) for name in ("title", "detail", "error", "errors") if told.get(name))
    return answer.text


def _no_pods(engine: Engine, error: Exception) -> BadAnswer:
    return BadAnswer(f"{type(error).__name__}: not the pods that RunPod documents", engine=engine.name)


def _machine(told: Any) -> Machine:
    """Return a machine; a status that nobody knows counts as on its way, so that it costs and can be stopped."""
    created = told.get("createdAt")
    return Machine(
        id=str(told["id"]),
        name=str(told.get("name") or ""),
        condition=_CONDITIONS.get(told["status"], "coming"),
        created_at=_at(created) if created else None,
    )


def _at(text: str) -> datetime | None:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else None


def _make_client(limits: Limits) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(
        timeout=wire.patience(limits), trust_env=False, follow_redirects=False, verify=wire.trust()
    )


_clients = wire.Kept(_make_client)
