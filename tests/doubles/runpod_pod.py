"""RunPod's pods (`/v2/pods`) on loopback, by a clock that only the test moves; and the model in each of them.

No maker of answers by itself, so it is no member of the contract suites: a pod has to be ready first.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.doubles import base, openai
from tests.doubles.base import Double, Request
from tests.doubles.openai import OpenAI

MODEL = "qwen3-30b"
SECRET = "rpa-de-prueba"
VARIABLE = "CLAVE_DE_RUNPOD"
# What can be set as the fault: a pod that stays STARTING; stops that answer well and do nothing; a 500 for a start
# that does take place; the same for one that does not; no answer to it; no GPU; a pod that ends by itself; a list in
# pages; a service that is down.
FAULTS = (
    "never_running", "stop_lost", "start_5xx", "start_5xx_for_nothing", "start_lost", "no_gpu", "exits_by_itself",
    "list_pages", "down",
)  # fmt: skip
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
PROVISIONING_S, STARTING_S, LOADING_S = (
    20.0,
    60.0,
    120.0,
)  # until STARTING, until RUNNING, until the model answers
_ACTIONS = {
    "PROVISIONING": ["stop", "terminate"],
    "STARTING": ["stop", "terminate"],
    "RUNNING": ["stop", "restart", "terminate"],
    "EXITED": ["start", "terminate"],
    "ERROR": ["start", "terminate"],
}
_MODEL_OF_POD = re.compile(r"^/pod/(?P<pod_id>[^/]+)/8000(?P<path>/v1.*)$")


@dataclass
class Pod:
    """A pod at the maker's; `ended_at`: when it came to its end, by whom ever."""

    id: str
    body: dict[str, Any]
    made_at: datetime
    ended_at: datetime | None = None
    is_gone: bool = False


@dataclass
class Cloud(Double):
    """The double, with a clock and its pods."""

    now: datetime = NOON
    pods: list[Pod] = field(default_factory=list)

    def status(self, pod: Pod) -> str:
        """Return how a pod is now."""
        age_s = (self.now - pod.made_at).total_seconds()
        if pod.is_gone:
            return "TERMINATED"
        if pod.ended_at is not None:
            return "EXITED"
        if age_s < PROVISIONING_S:
            return "PROVISIONING"
        return "STARTING" if age_s < STARTING_S or self.fault == "never_running" else "RUNNING"

    def pass_(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)

    def put(self, name: str, *, age_s: float = 0.0) -> Pod:
        """Put a pod there that nobody asked us for."""
        pod = Pod(f"p{len(self.pods) + 1}", {"name": name}, self.now - timedelta(seconds=age_s))
        self.pods.append(pod)
        return pod

    @property
    def on(self) -> list[Pod]:
        """Return the pods that cost."""
        return [pod for pod in self.pods if not pod.is_gone and pod.ended_at is None]

    @property
    def on_s(self) -> float:
        """Return the seconds for which all pods together were on."""
        return sum(((pod.ended_at or self.now) - pod.made_at).total_seconds() for pod in self.pods)


@contextmanager
def serving() -> Iterator[Cloud]:
    """Run the service for as long as the block lasts."""
    cloud = Cloud()
    with base.serve(_Pods, cloud):
        yield cloud


def entry(cloud: Cloud, **changes: object) -> dict[str, object]:
    """Return an entry of engines.yaml for it; its key stands in the variable CLAVE_DE_RUNPOD."""
    return {
        "name": "gpu",
        "provider": "runpod_pod",
        "runs": "ours",
        "tasks": ["chat"],
        "model": MODEL,
        "image": "vllm/vllm-openai:v0.11",
        "gpu": "NVIDIA L40S",
        "address": cloud.address,
        "api_key_env": VARIABLE,
        "proxy": cloud.address + "/pod/{pod_id}/{port}/v1",
        "price": {"per_second": 0.0003},
        **changes,
    }


class _Pods(OpenAI):
    double: Cloud
    models = (MODEL,)

    def respond(self, request: Request) -> None:
        """Answer one request."""
        path, _mark, query = request.path.partition("?")
        if inner := _MODEL_OF_POD.match(path):
            return self._reach(request, inner["pod_id"], inner["path"])
        if self.double.fault == "down":
            return self.send_json(
                503, {"title": "Service Unavailable", "status": 503, "detail": "maintenance"}
            )
        if request.headers.get("authorization") != f"Bearer {SECRET}":
            return self._problem(401, "Unauthorized", "invalid api key")
        if path == "/v2/pods" and request.method == "POST":
            return self._create(request.body)
        if path == "/v2/pods":
            return self._list(int(query.removeprefix("page=") or 0))
        pod = next((each for each in self.double.pods if path == f"/v2/pods/{each.id}"), None)
        if pod is None or pod.is_gone:
            return self._problem(404, "Not Found", "pod not found")
        if request.method == "DELETE":
            return self._delete(pod)
        return self.send_json(200, self._told(pod))

    def _create(self, body: dict[str, Any]) -> None:
        fault = self.double.fault
        if not body.get("name") or not body.get("image") or "id" not in body.get("gpu", {}):
            return self._problem(422, "Unprocessable Entity", "name, image and gpu are required")
        if fault == "no_gpu":
            return self._problem(400, "Bad Request", "There are no longer any instances available")
        if fault == "start_5xx_for_nothing":
            return self._problem(500, "Internal Server Error", "something went wrong")
        pod = self.double.put(body["name"])
        pod.body = body
        if fault == "start_lost":
            return self.cut()
        if fault == "start_5xx":
            return self._problem(500, "Internal Server Error", "something went wrong")
        return self.send_json(201, self._told(pod))

    def _list(self, page: int) -> None:
        if self.double.fault == "exits_by_itself":
            for pod in self.double.on:
                pod.ended_at = self.double.now
        listed = [self._told(pod) for pod in self.double.pods if not pod.is_gone]
        headers = {}
        if self.double.fault == "list_pages":
            if len(listed) > page + 1:
                headers["link"] = f'</v2/pods?page={page + 1}>; rel="next"'
            listed = listed[page : page + 1]
        self.send_json(200, {"pods": listed}, **headers)

    def _delete(self, pod: Pod) -> None:
        if self.double.fault != "stop_lost":
            pod.ended_at = pod.ended_at or self.double.now
            pod.is_gone = True
        self.send_response(204)
        self.end_headers()

    def _reach(self, request: Request, pod_id: str, path: str) -> None:
        """Be the model in a pod, which asks for the key that the pod was given."""
        pod = next((each for each in self.double.on if each.id == pod_id), None)
        age_s = (self.double.now - pod.made_at).total_seconds() if pod else 0.0
        if pod is None or self.double.status(pod) != "RUNNING" or age_s < LOADING_S:
            return self.send_whole(404, b"<html>no such pod</html>", "text/html")
        if request.headers.get("authorization") != f"Bearer {pod.body['env']['VLLM_API_KEY']}":
            return self.send_json(401, {"error": "Unauthorized"})
        return super().respond(replace(request, path=path.replace("/v1", openai.PATH, 1)))

    def _told(self, pod: Pod) -> dict[str, Any]:
        status = self.double.status(pod)
        return {
            "id": pod.id,
            "name": pod.body["name"],
            "status": status,
            "actions": _ACTIONS[status],
            "cost": 0.0 if status == "EXITED" else 1.08,
            "createdAt": pod.made_at.isoformat().replace("+00:00", "Z"),
        }

    def _problem(self, status: int, title: str, detail: str) -> None:
        self.send_json(status, {"title": title, "status": status, "detail": detail})
