"""What the scheduler does between two of its rounds, measured one by one: seconds, CPU and statements of each.

Run in the environment of an installation (`./preceptor run python -m bench.sweeps`); prints JSON. bench.scale calls it
with one school and with a thousand.
"""

import json
import os
import time
from collections.abc import Callable
from typing import Any


def measure() -> dict[str, dict[str, float]]:
    """Return what each task costs in this installation; each runs twice, and the second is counted."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection
    from django.utils.module_loading import import_string

    # As the scheduler has it.
    connection.settings_dict["OPTIONS"].pop("pool", None)
    paths = ("pipeline.sweep.sweep", *(path for path, _every_s in settings.HOUSEKEEPING))
    found = {}
    for path in paths:
        task: Callable[[], Any] = import_string(path)
        task()
        found[path] = _cost(task)
    return found


def _cost(task: Callable[[], Any]) -> dict[str, float]:
    from django.db import connection

    count = 0

    def counting(execute: Any, *arguments: Any) -> Any:
        nonlocal count
        count += 1
        return execute(*arguments)

    with connection.execute_wrapper(counting):
        began, cpu = time.perf_counter(), time.process_time()
        task()
        took, cpu = time.perf_counter() - began, time.process_time() - cpu
    return {"ms": round(1000 * took, 1), "CPU-ms, own": round(1000 * cpu, 1), "statements": count}


if __name__ == "__main__":
    print(json.dumps(measure()))
