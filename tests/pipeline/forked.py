"""`manage.py COMMAND` in a process that is forked from one which has the product imported: it is there at once.

That it starts by itself too is shown by the fault with the real times, the journeys and tests/embedded/test_up.py.
"""

import multiprocessing
import os
import sys
import warnings
from multiprocessing.context import ForkServerProcess
from pathlib import Path

_forking = multiprocessing.get_context("forkserver")
_forking.set_forkserver_preload(["tests.pipeline.gated_imports"])


def start(*command: str, gates: Path, log: Path) -> ForkServerProcess:
    """Start the command, with the gates in that folder and every word in that file."""
    process = _forking.Process(target=run, args=(command, str(gates), str(log)))
    process.start()
    return process


def run(command: tuple[str, ...], gates: str, log: str) -> None:
    """Be the process."""
    os.setsid()
    written = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(written, stream)
    os.close(written)
    os.environ["GATED_FOLDER"] = gates
    from tests.pipeline import gated_imports  # noqa: F401  # there already; else the settings come from here

    warnings.simplefilter("ignore")
    from django.core.management import execute_from_command_line

    sys.argv = ["manage.py", *command]
    execute_from_command_line(sys.argv)
