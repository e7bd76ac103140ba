"""The whole database out into one file and back, by Postgres's own programs, as the role that owns it."""

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from embedded.postgres import PostgresFailed, client_program


@dataclass(frozen=True, slots=True)
class Database:
    """A database by its owner's address. The password goes by environment: arguments can be seen by others."""

    url: str = field(repr=False)

    def dump(self, target: Path) -> None:
        """Write one consistent picture of the database, as it is at this moment, while others go on writing."""
        # Compressed by Postgres; pages of text shrink to a fifth.
        self._run(["pg_dump", "--format=custom", "--compress=gzip:5", "--no-password", f"--file={target}"])

    def restore(self, source: Path) -> None:
        """Fill an empty database; all of it or nothing."""
        options = ["--no-owner", "--exit-on-error", "--single-transaction", "--no-password"]
        self._run(["pg_restore", *options, "--dbname", self._environment()["PGDATABASE"], str(source)])

    def ask(self, sql: str) -> list[str]:
        """Return the rows of a statement, one line each."""
        told = self._run(["psql", "-X", "-q", "-A", "-t", "-w", "-v", "ON_ERROR_STOP=1", "-c", sql])
        return told.splitlines()

    def is_empty(self) -> bool:
        """Tell whether nothing was ever migrated there."""
        return self.ask("SELECT to_regclass('public.django_migrations') IS NULL") == ["t"]

    def migrations(self) -> list[str]:
        """Return the names of the migrations it has seen."""
        return self.ask("SELECT app || '.' || name FROM django_migrations ORDER BY 1")

    def counts(self) -> dict[str, int]:
        """Return how much there is of what people know."""
        tables = {"schools": "schools_school", "documents": "documents_document", "chunks": "rag_chunk"}
        return {name: int(self.ask(f"SELECT count(*) FROM {table}")[0]) for name, table in tables.items()}  # noqa: S608

    def _run(self, command: Sequence[str]) -> str:
        program, *arguments = command
        done = subprocess.run(
            [str(client_program(program)), *arguments],
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            restore_signals=False,  # a file that may grow no further is then an error that the program tells
        )
        if done.returncode != 0:
            why = done.stderr.strip()[-2000:] or f"it ended with {done.returncode}"
            raise PostgresFailed(f"{program}: {why}")
        return done.stdout.strip()

    def _environment(self) -> dict[str, str]:
        parts = urlsplit(self.url)
        made = {
            "PATH": os.environ.get("PATH", os.defpath),
            "LC_ALL": "C",
            "PGHOST": unquote(parts.hostname or "127.0.0.1"),
            "PGPORT": str(parts.port or 5432),
            "PGUSER": unquote(parts.username or ""),
            "PGPASSWORD": unquote(parts.password or ""),
            "PGDATABASE": unquote(parts.path.lstrip("/")),
        }
        modes = parse_qs(parts.query).get("sslmode")
        return {**made, "PGSSLMODE": modes[0]} if modes else made
