"""The real PgBouncer before the database of the tests, lending one connection by the transaction."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from django.db import connections

from embedded import process

_PATIENCE_S = 60.0


def program() -> str | None:
    """Return where PgBouncer is installed; Debian puts it where only administrators look."""
    return shutil.which("pgbouncer", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/usr/local/sbin")


@contextmanager
def lending(connections_to_server: int = 1) -> Iterator[int]:
    """Run PgBouncer in transaction mode before the tests' database; give its port.

    It refuses to run as root. Its two files are handed down as open descriptors: they hold a password, and the
    unprivileged user sees none of our directories.
    """
    found, server = program(), connections["default"].settings_dict
    assert found is not None
    port = _free_port()
    user = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None
    users = _handed_down(f'"{server["USER"]}" "{server["PASSWORD"]}"\n', user)
    settings = _handed_down(
        f"""
[databases]
{server["NAME"]} = host={server["HOST"]} port={server["PORT"]} dbname={server["NAME"]}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = /proc/self/fd/{users}
pool_mode = transaction
default_pool_size = {connections_to_server}
max_client_conn = 100
log_connections = 0
log_disconnections = 0
""",
        user,
    )
    running = subprocess.Popen(
        [found, "-q", f"/proc/self/fd/{settings}"],
        cwd="/",
        user=user,
        group=user,
        extra_groups=None if user is None else (),
        pass_fds=(users, settings),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=process.tie_to_parent(signal.SIGKILL),
    )
    os.close(users)
    os.close(settings)
    try:
        _wait(running, port)
        yield port
    finally:
        running.kill()
        running.communicate()


@contextmanager
def served_through(port: int) -> Iterator[None]:
    """Let the product reach its database by this port."""
    settings = connections.settings["default"]
    connections["default"].close()
    before, settings["PORT"] = settings["PORT"], port
    settings["DISABLE_SERVER_SIDE_CURSORS"] = True
    try:
        yield
    finally:
        connections["default"].close()
        settings["PORT"] = before
        settings["DISABLE_SERVER_SIDE_CURSORS"] = False


def client(port: int) -> psycopg.Connection[Any]:
    """Connect to the tests' database by this port, as the role that serves."""
    server = connections["default"].settings_dict
    return psycopg.connect(
        host="127.0.0.1",
        port=port,
        user=server["USER"],
        password=server["PASSWORD"],
        dbname=server["NAME"],
        autocommit=True,
        prepare_threshold=None,
    )


def _handed_down(content: str, user: int | None) -> int:
    descriptor = os.memfd_create("pgbouncer", 0)
    os.write(descriptor, content.encode())
    os.lseek(descriptor, 0, os.SEEK_SET)
    if user is not None:
        os.fchown(descriptor, user, user)
    return descriptor


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _wait(running: "subprocess.Popen[str]", port: int) -> None:
    until = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until:
        if running.poll() is not None:
            raise AssertionError(f"PgBouncer did not start: {running.communicate()[1]}")
        with suppress(psycopg.OperationalError), client(port):
            return
        time.sleep(0.05)
    raise AssertionError("PgBouncer takes no connections")
