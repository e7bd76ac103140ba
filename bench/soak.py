"""Soak a whole copy: ./preceptor bench soak [--seed N] [--documents 200] [--kills 36].

Documents come in over HTTP for three schools while web, worker, work-horse, listener, scheduler, supervisor, Postgres,
Redis and Qdrant are killed at moments of chance; then the oracle of the faults is asked until everything is true.
`tests/faults/test_soak.py` runs the same and counts.
"""

import argparse
import os
import secrets
import sys
import tempfile
from pathlib import Path

from bench import report
from tests.faults import soak

NEEDS_SERVICES = False


def main() -> None:
    """Soak, and write down what came of it; the state stays where it is when something was wrong."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seed", type=int, default=os.environ.get("PRECEPTOR_SOAK_SEED"))
    options.add_argument("--documents", type=int, default=200)
    options.add_argument("--kills", type=int, default=36)
    options.add_argument("--within", type=float, default=600.0, metavar="SECONDS")
    given = options.parse_args()
    seed = int(given.seed) if given.seed is not None else secrets.randbelow(10**6)
    home = Path(tempfile.mkdtemp(prefix="preceptor-soak-"))
    sys.stderr.write(f"PRECEPTOR_SOAK_SEED={seed} in {home}\n")
    outcome = soak.run(
        home,
        seed=seed,
        documents=given.documents,
        kills=given.kills,
        within_s=given.within,
        tell=_tell,
    )
    report.write("soak", outcome.figures())


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    main()
