"""Starting, watching and ending the services, as a person and as a program see it."""

import json
import os
import signal
import socket
import stat
import time
from collections.abc import Callable
from dataclasses import replace

import psycopg
import redis

from tests.embedded.own_copy import OwnCopy


def _wait(until: Callable[[], bool], *, timeout_s: float = 10.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not until():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.05)


def _is_gone(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_starts_answers_and_ends_without_leaving_anything(own_copy: OwnCopy) -> None:
    own_copy.start()
    status = own_copy.status()
    assert status["running"]
    assert status["ready"]
    assert status["phase"] == "ready"
    assert set(status["services"]) == {"postgres", "redis", "qdrant"}
    pids = own_copy.pids()
    assert own_copy.call("down").returncode == 0
    assert all(_is_gone(pid) for pid in pids.values())
    assert own_copy.status()["running"] is False


def test_keeps_secrets_and_state_to_their_owner(own_copy: OwnCopy) -> None:
    own_copy.start()
    assert stat.S_IMODE(own_copy.data.stat().st_mode) == 0o700
    for name in ("secrets.json", "ports.json", "running.json", "redis/redis.conf"):
        assert stat.S_IMODE((own_copy.data / name).stat().st_mode) == 0o600, name
    environment = own_copy.environment()
    assert len(environment["SECRET_KEY"]) >= 50
    # T26: what tells how the copy is tells nobody how to come in; `env` alone does, and is meant to.
    drawn = json.loads((own_copy.data / "secrets.json").read_text())
    told = own_copy.call("status", "--json").stdout + own_copy.call("status").stdout
    told += "".join(each.read_text("utf-8", "replace") for each in own_copy.data.rglob("*.log"))
    assert [name for name, secret in drawn.items() if secret in told] == []
    for pid in own_copy.pids().values():
        with open(f"/proc/{pid}/cmdline") as file:
            arguments = file.read()
        assert not any(
            secret in arguments for secret in (environment["QDRANT_API_KEY"], environment["REDIS_URL"])
        )


def test_second_start_says_who_runs_already(own_copy: OwnCopy) -> None:
    own_copy.start()
    again = own_copy.call("up", "--detach", "--only-services")
    assert again.returncode != 0
    assert "already in use by process" in again.stderr


def test_starts_again_what_was_killed(own_copy: OwnCopy) -> None:
    own_copy.start()
    killed = own_copy.pids()["redis"]
    os.kill(killed, signal.SIGKILL)
    _wait(lambda: own_copy.pids()["redis"] != killed)
    client = redis.Redis.from_url(own_copy.environment()["REDIS_URL"])
    _wait(lambda: _pings(client))


def _pings(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False


def test_killed_supervisor_takes_everything_along_and_comes_back_with_all_data(own_copy: OwnCopy) -> None:
    own_copy.start()
    environment = own_copy.environment()
    with psycopg.connect(environment["DATABASE_OWNER_URL"]) as connection:
        connection.execute("CREATE TABLE kept (word text)")
        connection.execute("INSERT INTO kept VALUES ('ñandú')")
    redis.Redis.from_url(environment["REDIS_URL"]).set("kept", "1")
    supervisor, pids = own_copy.status()["pid"], own_copy.pids()
    for pid in (supervisor, *pids.values()):
        os.kill(pid, signal.SIGKILL)
    _wait(lambda: all(_is_gone(pid) for pid in pids.values()))

    own_copy.start()
    environment = own_copy.environment()
    with psycopg.connect(environment["DATABASE_URL"]) as connection:
        assert connection.execute("SELECT word FROM kept").fetchone() == ("ñandú",)
    assert redis.Redis.from_url(environment["REDIS_URL"]).get("kept") == b"1"


def test_no_service_outlives_the_supervisor(own_copy: OwnCopy) -> None:
    own_copy.start()
    pids = own_copy.pids()
    os.kill(own_copy.status()["pid"], signal.SIGKILL)
    _wait(lambda: all(_is_gone(pid) for pid in pids.values()))


def test_taken_port_is_said_at_once_and_the_variable_named(own_copy: OwnCopy) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        copy = replace(own_copy, extra={"PRECEPTOR_PORT": str(taken.getsockname()[1])})
        done = copy.call("up", "--detach")
    assert done.returncode != 0
    assert "PRECEPTOR_PORT" in done.stderr


def test_own_database_needs_both_roles(own_copy: OwnCopy) -> None:
    copy = replace(own_copy, extra={"DATABASE_URL": "postgres://app@127.0.0.1/x"})
    done = copy.call("up", "--detach", "--only-services")
    assert done.returncode != 0
    assert "DATABASE_OWNER_URL" in done.stderr


def test_own_server_wins_and_is_not_started(own_copy: OwnCopy) -> None:
    copy = replace(own_copy, extra={"REDIS_URL": "redis://elsewhere:1/0"})
    copy.start()
    assert set(copy.status()["services"]) == {"postgres", "qdrant"}
    assert copy.environment()["REDIS_URL"] == "redis://elsewhere:1/0"


def test_run_starts_the_services_for_one_command_and_passes_input_and_exit_code(own_copy: OwnCopy) -> None:
    program = "import os, sys; print(sys.stdin.read(), 'DATABASE_URL' in os.environ); sys.exit(7)"
    done = own_copy.call("run", "python", "-c", program, text_in="mate")
    assert (done.returncode, done.stdout) == (7, "mate True\n")
    assert own_copy.status()["running"] is False
