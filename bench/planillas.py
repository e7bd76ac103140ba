"""Measure what planillas are filled with by rules alone: ./preceptor bench planillas [--all].

The labelled set (tests/planillas/bundles) goes through our parsers, rules and joining. Cell precision: of the cells
found, those whose value is the one wanted. Cell recall: of the cells that have a value in the sources, or two that
differ, those filled with it, or put to a person's choice. Rows: by the columns that tell them apart.
"""

import argparse
from typing import Any

from django.conf import settings

from bench import report
from tests.planillas import labelled_set
from tests.planillas.labelled_set import Score

PRECISION_GOAL = 0.98
_SHOWN = 40


def measure(*, show_all: bool = False) -> dict[str, Any]:
    """Return precision and recall in all and by bundle, and what is wrong or missing."""
    whole, each = Score(), {}
    unfounded: list[str] = []
    for name in labelled_set.names():
        bundle = labelled_set.load(name)
        rows = labelled_set.fill(name)
        scored = labelled_set.score(bundle, rows)
        whole.add(scored)
        each[name] = scored.shares()
        unfounded += labelled_set.quotes_that_do_not_stand(bundle, rows)
    most = None if show_all else _SHOWN
    return {
        "bundles": len(each),
        "sources": sum(len(labelled_set.load(name).sources) for name in each),
        "goals": {"cell precision": PRECISION_GOAL},
        "in all": whole.shares(),
        "quotes that do not stand in their source": unfounded,
        "wrong": whole.wrong[:most],
        "missing": whole.missing[:most],
        "by bundle": each,
    }


if __name__ == "__main__":
    if not settings.configured:
        settings.configure(USE_I18N=False, LANGUAGE_CODE="es")
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--all", action="store_true", help="name every cell that is missing")
    report.write("planillas", measure(show_all=options.parse_args().all))
