"""`manage.py check_engines`: what of `engines.yaml` can be used now, in one table."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from engines import config, router
from engines.base import Engine, EngineError


class Command(BaseCommand):
    """Call every engine once and say what came of it; end with an error when something wants a technician."""

    help = "Say of every engine in engines.yaml whether it can be used, and what is wrong with it."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the table."""
        try:
            catalogue = config.read(settings.ENGINES_FILE, models=settings.DATA_DIR / "models")
        except EngineError as error:
            raise CommandError(error.detail) from error
        rows: list[tuple[str, ...]] = [
            (_("motor"), _("proveedor"), _("tareas"), _("trabaja"), _("responde"), _("problema"))
        ]
        is_well = not catalogue.mistakes
        for engine in catalogue.engines:
            problem = _refusal(engine) or _problem(engine, catalogue)
            reaches = _("no") if problem else _("sí")
            is_well = is_well and not problem
            rows.append(
                (engine.name, engine.provider, ", ".join(engine.tasks), engine.runs, reaches, problem)
            )
        rows.extend((mistake.entry, "", "", "", _("no"), mistake.detail) for mistake in catalogue.mistakes)
        self.stdout.write(_table(rows))
        if not is_well:
            raise CommandError(_("Hay motores que no se pueden usar."))


def _problem(engine: Engine, catalogue: config.Catalogue) -> str:
    try:
        for providers in (catalogue.chat, catalogue.embed):
            if engine.name in providers:
                providers[engine.name].check()
    except EngineError as error:
        return error.detail
    return ""


def _refusal(engine: Engine) -> str:
    """Return why the router would not call it for any of its tasks: then nobody calls it here either."""
    reasons: list[str] = []
    for task in engine.tasks:
        choice = router.choose([engine], task=task)
        if choice.candidates:
            return ""
        reasons.extend(reason for _engine, reason in choice.refused)
    return reasons[0]


def _table(rows: Sequence[tuple[str, ...]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
