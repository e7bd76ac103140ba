"""Make the sources of the labelled set anew: python -m tests.planillas.bundles.make [--real DIR].

Each folder has its sources and, written by hand, `expected.yaml`. `--real` cuts pages and passages out of the real
documents (school law of Guatemala; course units of CATEDU, CC BY-SA 4.0) that lie in DIR.
"""

import argparse
from pathlib import Path

from tests.planillas.bundles import (
    everyday,
    forms,
    forms_to_tick,
    later,
    layouts,
    prose,
    real,
    sheets,
    tables,
    traps,
    unseen,
    unseen_papers,
)


def main() -> None:
    """Write every source."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--real", type=Path)
    chosen = options.parse_args()
    for module in (
        tables,
        sheets,
        forms,
        prose,
        layouts,
        traps,
        everyday,
        later,
        forms_to_tick,
        unseen,
        unseen_papers,
    ):
        module.make()
    if chosen.real:
        real.make(chosen.real)


if __name__ == "__main__":
    main()
