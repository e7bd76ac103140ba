"""LibreChat CVE-2026-31943 (and CVE-2026-45400): an address inside was written so that the filter did not know it.

Ours is the other way round: an engine that counts as the school's own may not stand outside, however its address is
written, or what may not leave would leave. Nothing else of ours opens an address that somebody gave
(tests/house/test_imports.py). Red before engines/keys.py knew that 134744072 is an address: 8.8.8.8 was "here".
"""

from pathlib import Path

import pytest

from engines.base import Misconfigured
from engines.keys import Keys

OUTSIDE = (
    "8.8.8.8", "[::ffff:8.8.8.8]", "[::ffff:808:808]", "[0:0:0:0:0:ffff:0808:0808]", "134744072", "0x08080808",
    "0X8080808", "010.8.8.8", "8.8.2056", "8.526344", "[2001:4860:4860::8888]", "[64:ff9b::808:808]",
    "[2002:808:808::1]", "example.org", "localhost.example.org", "127.0.0.1.nip.io", "10.0.0.1.example",
    "user@127.0.0.1", "127.0.0.1:80@8.8.8.8", "8.8.8.8#@127.0.0.1", "8.8.8.8/?@127.0.0.1", "",
)  # fmt: skip
HERE = (
    "127.0.0.1",
    "[::1]",
    "10.1.2.3",
    "192.168.0.9",
    "[::ffff:10.1.2.3]",
    "ollama",
    "gpu.lan",
    "localhost",
)


def _address(host: str, *, runs: str) -> str:
    keys = Keys({"base_url": f"http://{host}:11434"}, entry="x", folder=Path(), models=Path(), variables={})
    return keys.address("base_url", runs=runs, default="")  # type: ignore[arg-type]  # one of its words


@pytest.mark.parametrize("host", OUTSIDE)
def test_what_stands_outside_is_never_the_schools_own(host: str) -> None:
    with pytest.raises(Misconfigured):
        _address(host, runs="here")


@pytest.mark.parametrize("host", HERE)
def test_what_stands_in_the_house_is(host: str) -> None:
    assert _address(host, runs="here")
