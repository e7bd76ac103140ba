"""The whole copy under fire: whatever dies, and whenever, every acknowledged document comes out whole, once."""

import os
import secrets
import sys
from pathlib import Path

import pytest

from tests.faults import killer, soak

pytestmark = [pytest.mark.faults, pytest.mark.long, pytest.mark.slow]
DOCUMENTS, KILLS = 200, 36


def test_two_hundred_documents_survive_the_death_of_everything(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # Red when the sweep is taken out of `schedule`.
    seed = int(os.environ.get("PRECEPTOR_SOAK_SEED") or secrets.randbelow(10**6))
    with capsys.disabled():

        def tell(line: str) -> None:
            sys.stderr.write(f"{line}\n")

        tell(f"\nPRECEPTOR_SOAK_SEED={seed}")
        outcome = soak.run(tmp_path, seed=seed, documents=DOCUMENTS, kills=KILLS, within_s=600, tell=tell)
        tell(str(outcome.figures()))
    assert outcome.ready == DOCUMENTS
    assert sum(outcome.kills.values()) >= 30
    assert all(outcome.kills[kind] >= 2 for kind in killer.KINDS)


def test_releases_and_a_database_that_starts_again_lose_nothing_of_the_work_at_hand(tmp_path: Path) -> None:
    # Red when a DatabaseError ends a run (`_stumble` without `is_away`), or `down` does not wait for the stores.
    restarts = ("postgres", "worker", "postgres", "copy", "web", "postgres")
    outcome = soak.run(tmp_path, seed=8, documents=30, kills=0, politely=restarts, within_s=300)
    assert outcome.ready == 30
    assert outcome.kills == {
        "postgres, politely": 3,
        "worker, politely": 1,
        "copy, politely": 1,
        "web, politely": 1,
    }
