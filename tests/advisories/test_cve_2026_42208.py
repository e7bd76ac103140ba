"""LiteLLM CVE-2026-42208: the check of a key put the key into a statement; and PyPI 1.82.7 carried a thief.

Red when a login, a token or an id is put into SQL as text, or a package is installed without its hash.
"""

import pytest
from rest_framework.test import APIClient

from embedded import environment
from embedded.checks import problems_of_lock
from embedded.state import ROOT
from tests.conftest import PASSWORD, Person

WORDS = (
    "' OR '1'='1",
    "'; DROP TABLE schools_user; --",
    "x' UNION SELECT token_sha256 FROM schools_invitation --",
    "\\'; SELECT pg_sleep(60); --",
    "$$; SELECT 1; $$",
    "%s%(school)s{0}",
    "admin'/*",
)


@pytest.mark.parametrize("words", WORDS)
def test_no_key_is_a_statement(ana: Person, words: str) -> None:
    for body in ({"email": words, "password": PASSWORD}, {"email": ana.user.email, "password": words}):
        assert APIClient().post("/api/v1/auth/login", body, format="json").status_code in (400, 401)
    assert (
        APIClient().post("/api/v1/auth/refresh", {"refresh_token": words}, format="json").status_code == 401
    )
    for header in (f"Bearer {words}", words):
        answer = APIClient().get("/api/v1/schools/", headers={"Authorization": header})
        assert answer.status_code == 401
    program = ana.program()
    assert program.get("/api/v1/schools/", {"after": words, "q": words}).status_code in (200, 400)
    found = program.get("/api/v1/schools/norte/documents/", {"q": words, "cursor": words, "sort": words})
    assert found.status_code in (200, 400)
    assert program.get("/api/v1/schools/norte/documents/").status_code == 200


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_what_is_installed_is_what_was_locked(name: str) -> None:
    """Each package by its hash, and no gateway between us and the engines."""
    assert problems_of_lock(ROOT / name) == []
    lock = (ROOT / name).read_text()
    assert "litellm" not in lock.lower()
    source = (ROOT / "embedded" / "environment.py").read_text()
    assert source.count('"install"') == 1
    installs = source[source.index('"install"') :]
    assert installs.index('"--require-hashes"') < installs.index('"-r"')
    assert environment.RUNTIME_LOCK in ("requirements.txt",)
