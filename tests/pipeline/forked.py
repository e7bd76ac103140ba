"""`manage.py COMMAND` in a process that is forked from one which has the product imported: it is there at once.

That it starts by itself too is shown by the fault with the real times, the journeys and tests/embedded/test_up.py.
"""

import multiprocessing
import os
import sys
import warnings
from collections.abc import Mapping
from multiprocessing.context import ForkServerProcess
from pathlib import Path

_forking = multiprocessing.get_context("forkserver")
_forking.set_forkserver_preload(["tests.pipeline.gated_imports"])


def start(*command: str, gates: Path, log: Path, given: Mapping[str, str]) -> ForkServerProcess:
    """Start the command, with the gates in that folder, every word in that file, and these settings of its own."""
    process = _forking.Process(target=run, args=(command, str(gates), str(log), dict(given)))
    process.start()
    return process


def run(command: tuple[str, ...], gates: str, log: str, given: dict[str, str]) -> None:
    """Be the process."""
    os.setsid()
    written = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(written, stream)
    os.close(written)
    os.environ["GATED_FOLDER"] = gates
    from tests.pipeline import gated_imports  # noqa: F401  # there already; else the settings come from here

    warnings.simplefilter("ignore")
    _set(given)
    if command[0] == "web":
        _serve(int(command[1]))
        return
    from django.core.management import execute_from_command_line

    sys.argv = ["manage.py", *command]
    execute_from_command_line(sys.argv)


def _set(given: dict[str, str]) -> None:
    from django.conf import settings

    for name, value in given.items():
        if name == "REDIS_URL":  # the queues' own; the cache keeps the test's
            settings.RQ_QUEUES = {
                queue: {**options, "URL": value} for queue, options in settings.RQ_QUEUES.items()
            }
        else:
            setattr(settings, name, Path(value) if name.endswith("_FILE") else value)


def _serve(port: int) -> None:
    import uvicorn

    uvicorn.run(
        "config.asgi:application",
        host="127.0.0.1",
        port=port,
        lifespan="off",
        log_level="warning",
        timeout_graceful_shutdown=3,
    )
