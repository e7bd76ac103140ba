"""Redis as background work needs it."""

import os
import socket
from urllib.parse import urlsplit

import pytest
import redis

pytestmark = pytest.mark.skipif("REDIS_URL" not in os.environ, reason="runs under ./preceptor test")


def test_asks_for_the_password() -> None:
    parts = urlsplit(os.environ["REDIS_URL"])
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=5) as stranger:
        stranger.sendall(b"PING\r\n")
        assert stranger.recv(100).startswith(b"-NOAUTH")


def test_keeps_what_it_was_told_and_throws_nothing_out() -> None:
    client = redis.Redis.from_url(os.environ["REDIS_URL"], decode_responses=True)
    settings = client.config_get("append*") | client.config_get("maxmemory-policy")
    assert settings["appendonly"] == "yes"
    assert settings["appendfsync"] == "everysec"
    assert settings["maxmemory-policy"] == "noeviction"


def test_runs_scripts_as_rq_needs() -> None:
    client = redis.Redis.from_url(os.environ["REDIS_URL"])
    assert client.eval("return redis.call('INCRBY', KEYS[1], ARGV[1])", 1, "tests:script", 2) == 2
    client.delete("tests:script")
