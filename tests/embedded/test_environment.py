"""Lock files, ports and the state directory: the small parts that everything stands on."""

import socket
from pathlib import Path

import pytest

from embedded import credentials, ports
from embedded.checks import problems_of_lock
from embedded.state import ROOT, AlreadyRunning, State


@pytest.fixture
def state(tmp_path: Path) -> State:
    made = State(tmp_path / "data")
    made.make()
    return made


def test_secrets_are_drawn_once(state: State) -> None:
    first = credentials.load_or_draw(state)
    assert credentials.load_or_draw(state) == first
    assert len(first.secret_key) >= 50


def test_ports_stay_the_same_while_free(state: State) -> None:
    first = ports.keep(state, ["redis", "qdrant"])
    assert ports.keep(state, ["redis", "qdrant"]) == first
    assert len(set(first.values())) == 2


def test_taken_port_is_chosen_again(state: State) -> None:
    kept = ports.keep(state, ["redis"])["redis"]
    with socket.create_server(("127.0.0.1", kept)):
        assert ports.keep(state, ["redis"])["redis"] != kept


def test_directory_has_one_holder(state: State) -> None:
    with state.hold():
        assert state.holder() is not None
        with pytest.raises(AlreadyRunning), state.hold():
            pass
    assert state.holder() is None


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_lock_file_is_whole(name: str) -> None:
    assert problems_of_lock(ROOT / name) == []


def test_lock_without_hash_or_with_an_address_is_found(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.txt"
    lock.write_text("--index-url https://example.org/simple\na==1\nb==2 \\\n    --hash=sha256:00\n")
    assert len(problems_of_lock(lock)) == 2
