"""The whole copy as a person starts it: portal, worker, scheduler, demonstration school."""

import json
import os
import signal
import stat
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from embedded import ports
from embedded.state import State
from tests.embedded.own_copy import OwnCopy

pytestmark = pytest.mark.slow  # in one process, see _TOGETHER in tests/conftest.py: one start


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnCopy]:
    """Give a copy with everything running, on a port of its own."""
    home = tmp_path_factory.mktemp("whole")
    port = _free_port(home)
    copy = OwnCopy(data=home / "data", extra={"PRECEPTOR_PORT": str(port), "ALLOWED_HOSTS": "127.0.0.1"})
    copy.start(only_services=False)
    yield copy
    copy.call("down")


def _free_port(home: Path) -> int:
    state = State(home / "ports")
    state.make()
    return ports.keep(state, ["web"])["web"]


def _status_of(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def test_portal_answers_and_the_demonstration_login_is_kept(whole: OwnCopy) -> None:
    status = whole.status()
    assert status["ready"]
    assert set(status["services"]) == {
        "postgres",
        "redis",
        "qdrant",
        "web",
        "worker",
        "listener",
        "scheduler",
    }
    assert _status_of(f"{status['url']}/health/ready") == 200
    demo = json.loads((whole.data / "demo.json").read_text())
    assert set(demo) >= {"url", "school", "email", "password"}
    assert demo["url"].startswith(status["url"])
    assert stat.S_IMODE((whole.data / "demo.json").stat().st_mode) == 0o600


def test_who_serves_does_not_know_the_role_that_passes_the_walls(whole: OwnCopy) -> None:
    pids = whole.pids()
    for name in ("web", "worker", "listener", "scheduler"):
        environment = Path(f"/proc/{pids[name]}/environ").read_bytes()
        assert b"DATABASE_URL=" in environment
        assert b"DATABASE_OWNER_URL=" not in environment


def test_killed_portal_comes_back_by_itself(whole: OwnCopy) -> None:
    status = whole.status()
    os.kill(status["services"]["web"]["pid"], signal.SIGKILL)
    deadline = time.monotonic() + 30
    while whole.pids()["web"] == status["services"]["web"]["pid"] or not whole.status()["ready"]:
        assert time.monotonic() < deadline
        time.sleep(0.2)


def test_second_copy_runs_beside(whole: OwnCopy, own_copy: OwnCopy) -> None:
    beside = replace(own_copy, extra={"PRECEPTOR_PORT": "1"})  # not used: no portal
    beside.start()
    assert whole.status()["ready"]
    assert not set(whole.pids().values()) & set(beside.pids().values())


def test_manage_runs_in_the_environment_of_the_running_copy(whole: OwnCopy) -> None:
    program = "from django.db import connections as c; print(c['owner'].settings_dict['USER'])"
    done = whole.call("manage", "shell", "-v", "0", "-c", program)
    assert done.stdout.strip().endswith("owner"), done.stderr
