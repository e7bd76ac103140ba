"""`./preceptor COMMAND`: the table of commands."""

import sys
from collections.abc import Callable, Sequence

from embedded import backup, checks, development, manage, restore, up
from embedded.archive import ArchiveRefused
from embedded.vectors import QdrantFailed

_COMMANDS: dict[str, tuple[Callable[[Sequence[str]], int], str]] = {
    "up": (up.up, "start the portal and everything it needs; --detach returns once it answers"),
    "down": (up.down, "end it"),
    "status": (up.status, "tell what runs; --json for programs"),
    "logs": (up.logs, "show what a process wrote: logs web, logs -f worker"),
    "manage": (manage.manage, "run manage.py in the environment of the copy"),
    "run": (manage.run, "run any program in that environment"),
    "env": (manage.env, "print that environment for a shell: source <(./preceptor env)"),
    "backup": (
        backup.backup,
        "write database, files and vectors to one file, while everything runs: backup FILE",
    ),
    "restore": (
        restore.restore,
        "make the copy that a backup holds, in an empty state directory: restore FILE",
    ),
    "test": (
        development.test,
        "run the tests on fresh services; --fast leaves out what is slow, --faults runs faults, --long all",
    ),
    "check": (checks.check, "run the linters, the type checker and the import contracts"),
    "bench": (development.bench, "run one measurement on fresh services"),
    "lock": (checks.lock, "write requirements*.txt anew from requirements*.in"),
}

_EXPECTED = (backup.BackupFailed, restore.RestoreFailed, ArchiveRefused, QdrantFailed)

_VARIABLES = """
PRECEPTOR_PORT (8000), PRECEPTOR_HOST (127.0.0.1), PRECEPTOR_DATA (var/), PRECEPTOR_WORKERS (1);
DATABASE_URL with DATABASE_OWNER_URL, REDIS_URL, QDRANT_URL: servers of your own instead of embedded ones."""


def main(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    name = arguments[0] if arguments else "help"
    if name in ("help", "-h", "--help"):
        print("usage: ./preceptor COMMAND [ARGUMENT …]\n")
        print("\n".join(f"  {command:<8} {help_text}" for command, (_, help_text) in _COMMANDS.items()))
        print(_VARIABLES)
        return 0
    if name not in _COMMANDS:
        print(f"preceptor: there is no command {name!r}; ./preceptor help lists them.", file=sys.stderr)
        return 2
    try:
        return _COMMANDS[name][0](arguments[1:])
    except (*up.EXPECTED, *_EXPECTED) as error:
        print(f"preceptor: {error or 'interrupted.'}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
