"""`manage.py work`: one worker on the given queues."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from pipeline import jobs
from schools.guard import refuse_unsafe_database


class Command(BaseCommand):
    """Take background work from queues until told to stop."""

    help = "Take background work from the queues, first named first."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--queues", default=",".join(settings.QUEUES))

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the worker."""
        queues = [name for name in options["queues"].split(",") if name]
        if unknown := sorted(set(queues) - set(settings.QUEUES)):
            raise CommandError(f"no such queue: {', '.join(unknown)}; there are {', '.join(settings.QUEUES)}")
        refuse_unsafe_database()
        connections.close_all()
        connections["default"].close_pool()  # type: ignore[attr-defined]  # Postgres' own, not in the base class
        jobs.work(queues)
