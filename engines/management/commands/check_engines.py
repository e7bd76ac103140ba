"""`manage.py check_engines`: what of `engines.yaml` can be used now, in one table."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from engines import config, discovery
from engines.base import Engine, EngineError

_MODELS_SHOWN = 8


class Command(BaseCommand):
    """Ask every engine how it is, at no cost, and say so; end with an error when something wants a technician."""

    help = "Say of every engine in engines.yaml whether it can be used, and what is wrong with it."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the table."""
        try:
            catalogue = config.read(settings.ENGINES_FILE, models=settings.DATA_DIR / "models")
        except EngineError as error:
            raise CommandError(error.detail) from error
        rows: list[tuple[str, ...]] = [
            (
                _("motor"),
                _("proveedor"),
                _("modelo"),
                _("tareas"),
                _("trabaja"),
                _("ve hasta"),
                _("precio (USD)"),
                _("responde"),
                _("problema"),
            )
        ]
        is_well = not catalogue.mistakes
        for engine in catalogue.engines:
            problem = _problem(engine, catalogue)
            # A model that nobody downloaded is told and is no mistake: the file comes with such an entry.
            is_well = is_well and (not problem or bool(catalogue.lacks(engine.name)))
            rows.append(
                (
                    engine.name,
                    engine.provider,
                    engine.model,
                    ", ".join(engine.tasks),
                    f"{engine.runs} {engine.region}".strip(),
                    engine.max_label.value,
                    _price(engine),
                    _("no") if problem else _("sí"),
                    problem,
                )
            )
        rows.extend((mistake.entry, *[""] * 6, _("no"), mistake.detail) for mistake in catalogue.mistakes)
        self.stdout.write(_table(rows))
        for engine in catalogue.engines:
            if models := _models(engine, catalogue):
                self.stdout.write(
                    _("Modelos en «%(engine)s»: %(models)s") % {"engine": engine.name, "models": models}
                )
        self._offer_ollama(catalogue)
        if not is_well:
            raise CommandError(_("Hay motores que no se pueden usar."))

    def _offer_ollama(self, catalogue: config.Catalogue) -> None:
        """Tell of an Ollama on this machine that the file does not use yet, with the entry of each model."""
        if any(engine.provider == "ollama" for engine in catalogue.engines):
            return
        found = discovery.find_ollama()
        if found is None:
            return
        self.stdout.write(_("Hay un Ollama en este equipo (%s) que engines.yaml no usa.") % found.address)
        if not found.usable:
            self.stdout.write(_("No tiene modelos instalados. Por ejemplo: ollama pull qwen3:8b"))
        for model in found.usable:
            self.stdout.write(_("Para usar «%s», agregar debajo de «engines:»") % model.name)
            self.stdout.write(discovery.entry_for(found, model))


def _problem(engine: Engine, catalogue: config.Catalogue) -> str:
    if engine.price is None:
        return _("no se conoce su precio: escribirlo en «price»; mientras tanto no se usa.")
    try:
        catalogue.provider(engine.name).check()
    except EngineError as error:
        return error.detail
    return ""


def _models(engine: Engine, catalogue: config.Catalogue) -> str:
    """Return the models that the engine's address has, where its provider can tell."""
    lists = getattr(catalogue.provider(engine.name), "models", None)
    if not callable(lists):
        return ""
    try:
        found: Sequence[str] = lists()
    except EngineError:
        return ""
    more = _(" y %d más") % (len(found) - _MODELS_SHOWN) if len(found) > _MODELS_SHOWN else ""
    return ", ".join(found[:_MODELS_SHOWN]) + more


def _price(engine: Engine) -> str:
    price = engine.price
    if price is None:
        return _("desconocido")
    if price.is_free:
        return _("nada")
    told = []
    if price.in_per_million_u or price.out_per_million_u:
        told.append(f"{price.in_per_million_u / 1e6:g} + {price.out_per_million_u / 1e6:g} / M tokens")
    if price.per_second_u:
        told.append(f"{price.per_second_u * 60 / 1e6:g} / min")
    return ", ".join(told)


def _table(rows: Sequence[tuple[str, ...]]) -> str:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
