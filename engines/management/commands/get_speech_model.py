"""`manage.py get_speech_model NAME`: a Whisper brought from the hub to this installation, once, and by hand."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from engines.providers import _whisper_hub
from engines.providers._whisper_hub import NotFetched


class Command(BaseCommand):
    """Download a speech model into the installation's folder of models."""

    help = "Download a Whisper model (tiny, base, small, medium, large-v3, turbo, or owner/name of the hub)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the model's name."""
        parser.add_argument("model", help="tiny | base | small | medium | large-v3 | turbo | owner/name")
        parser.add_argument("--from", dest="address", default="", help="another address of the hub, a mirror")

    def handle(self, *args: Any, **options: Any) -> None:
        """Download it; say how far it is on a terminal."""
        model: str = options["model"]
        models = Path(settings.DATA_DIR) / "models"

        def tell(done: int, total: int) -> None:
            if sys.stdout.isatty():
                self.stdout.write(f"\r{done / 1e6:7.0f} / {total / 1e6:.0f} MB", ending="")

        try:
            folder = _whisper_hub.fetch(model, models=models, address=options["address"] or None, tell=tell)
        except NotFetched as error:
            raise CommandError(str(error)) from error
        size = sum(file.stat().st_size for file in folder.iterdir() if file.is_file())
        self.stdout.write(
            _("Listo: el modelo «%(model)s» (%(size).0f MB) está en %(folder)s")
            % {"model": model, "size": size / 1e6, "folder": folder}
        )
        self.stdout.write(_("Con «model: %s» en engines.yaml se usa desde ahora.") % model)
