"""What is installed: every package pinned, with its files' hashes, and nothing that was not asked for."""

import re

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from embedded.checks import problems_of_locks
from tests.house.tree import text

SOURCES = {
    "requirements.txt": ("requirements.in",),
    "requirements-dev.txt": ("requirements.in", "requirements-dev.in"),
}


def _asked(name: str) -> dict[str, Requirement]:
    lines = [line.partition("#")[0].strip() for line in text(name).splitlines()]
    found = [Requirement(line) for line in lines if line and not line.startswith("-")]
    return {canonicalize_name(each.name): each for each in found}


def _locked(name: str) -> dict[str, str]:
    entries = re.findall(r"^([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?==([^\s;\\]+)", text(name), re.MULTILINE)
    return {canonicalize_name(package): version for package, version in entries}


def test_every_package_is_pinned_with_its_hashes_and_no_address() -> None:
    assert problems_of_locks() == ""


@pytest.mark.parametrize("lock", SOURCES)
def test_the_lock_holds_what_was_asked_for(lock: str) -> None:
    locked = _locked(lock)
    for source in SOURCES[lock]:
        for name, wanted in _asked(source).items():
            assert name in locked, f"{name} of {source} is not in {lock}: run ./preceptor lock"
            assert wanted.specifier.contains(locked[name], prereleases=True), f"{name} {locked[name]}"


@pytest.mark.parametrize("lock", SOURCES)
def test_every_locked_package_is_asked_for_or_needed_by_one_that_is(lock: str) -> None:
    asked = {name for source in SOURCES[lock] for name in _asked(source)}
    entries = re.split(r"\n(?=[A-Za-z0-9])", text(lock))[1:]
    assert entries
    for entry in entries:
        name = canonicalize_name(re.match(r"[\w.-]+", entry)[0])  # type: ignore[index]
        reasons = {
            canonicalize_name(each)
            for each in re.findall(r"^    #\s+(?:via )?([\w.-]+)$", entry, re.MULTILINE)
            if each != "via" and not each.endswith(".in")
        }
        assert name in asked or reasons, f"nothing asks for {name}"


def test_the_optional_embedder_is_the_one_that_the_tests_use() -> None:
    wanted = _asked("requirements-fastembed.in")["fastembed"]
    assert wanted.specifier.contains(_locked("requirements-dev.txt")["fastembed"])
