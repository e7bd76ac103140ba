"""What comes from outside: one file reads it, one file lists it, and what is unsafe does not start."""

import ast
import os
import re
import subprocess
import sys

import pytest

from tests.house.tree import PRODUCT, ROOT, ours, text

READER = "config/settings/environment.py"
# Read by what starts the processes, not by the application.
OF_THE_STARTER = {"PRECEPTOR_HOST", "MALLOC_ARENA_MAX", "PYTHONUNBUFFERED"}


def _read() -> set[str]:
    """Return the variables that the application reads."""
    found = set()
    for node in ast.walk(ast.parse(text(READER))):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id == "env"
        ):
            assert isinstance(node.args[0], ast.Constant), ast.unparse(node)
            found.add(str(node.args[0].value))
    return found


def test_the_example_lists_every_variable_and_no_other() -> None:
    listed = re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=", text(".env.example"), re.MULTILINE)
    assert len(listed) == len(set(listed))
    assert set(listed) == _read()


NEEDED = tuple(re.findall(r"^([A-Z][A-Z0-9_]+)=", text(".env.example"), re.MULTILINE))


@pytest.mark.parametrize("name", NEEDED)
def test_a_missing_variable_stops_the_start_and_names_itself(name: str) -> None:
    done = _start({each: value for each, value in os.environ.items() if each != name})
    assert done.returncode != 0
    assert name in done.stderr.splitlines()[-1]


def test_nothing_is_needed_but_what_the_example_says() -> None:
    """The address of the owner's role above all: the processes that serve are not given it."""
    assert _start({each: os.environ[each] for each in (*NEEDED, "PATH")}).returncode == 0


def test_nothing_else_reads_the_environment() -> None:
    readers = {
        path
        for path in ours(".py", below=PRODUCT)
        if re.search(r"os\.environ|os\.getenv|\benviron\.get", text(path))
    }
    allowed = {"config/asgi.py"}  # names the settings module to Django
    # The keys of engines: their names stand in engines.yaml, their values never do.
    assert readers - allowed <= {"engines/config.py", "engines/keys.py"}


@pytest.mark.long
@pytest.mark.parametrize(
    "address", ["/run/clamav/clamd.ctl", "tcp:host", "http://host:3310", "unix:clamd.ctl"]
)
def test_a_scanner_at_no_address_stops_the_start(address: str) -> None:
    """It must not be taken for none."""
    done = _start({**os.environ, "CLAMAV_ADDRESS": address})
    assert done.returncode != 0
    assert "CLAMAV_ADDRESS" in done.stderr


@pytest.mark.parametrize("key", ["short", "django-insecure", "a" * 80])
def test_a_weak_secret_stops_the_start(key: str) -> None:
    done = _start({**os.environ, "SECRET_KEY": key})
    assert done.returncode != 0
    assert "SECRET_KEY" in done.stderr


def _start(environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", "import django; django.setup()"],
        cwd=ROOT,
        env={**environment, "DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True,
        text=True,
        check=False,
    )


# What `check --deploy` says that we leave as it is, and why.
LEFT = {
    # Including subdomains in HSTS is for whoever owns the domain to decide, at the proxy.
    "security.W005",
    "security.W021",
}


def test_djangos_own_checks_find_nothing_to_mend() -> None:
    done = _manage("check", "--deploy", "--fail-level", "WARNING", HTTPS="true", DEBUG="false")
    # Those of drf-spectacular are warnings of its own; the schema has its own test.
    found = set(re.findall(r"\(((?!drf_spectacular)[a-z_]+\.[EWC]\d+)\)", done.stdout + done.stderr))
    assert found - LEFT == set(), done.stdout + done.stderr
    assert found == LEFT, "a warning went away: take it off the list"


def _manage(*arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env={**os.environ, **variables, "DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
