"""`manage.py check_scanner`: whether the virus scanner answers, finds what it must, and says so beyond its limits."""

import io
import zipfile
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from documents import clamd

# The harmless file by which scanners are tried (eicar.org), in two halves, so that no scanner takes this one away.
_TRIAL = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-" + b"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
_BOXES = 60  # archives in archives: more than any scanner opens


class Command(BaseCommand):
    """Ask the scanner three times and print what it says; end with an error where files would come in unseen."""

    help = "Say whether the virus scanner at CLAMAV_ADDRESS works."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Print it."""
        address = settings.CLAMAV_ADDRESS
        if not address:
            self.stdout.write(
                _("No hay antivirus configurado (CLAMAV_ADDRESS): los archivos entran sin revisar.")
            )
            return
        try:
            self.stdout.write(_("Antivirus en %s: %s") % (address, clamd.version(address)))
            found = clamd.scan(address, [_TRIAL])
            sees_limits = _tells_of_limits(address)
        except clamd.Away as error:
            raise CommandError(
                _("El antivirus en %s no responde y los archivos esperan. %s") % (address, error)
            ) from error
        except clamd.TooMuch as error:
            raise CommandError(_("El antivirus no acepta ni un archivo de prueba: %s") % error) from error
        if not found:
            raise CommandError(
                _("El antivirus no reconoce el archivo de prueba EICAR: le faltan las firmas (freshclam).")
            )
        self.stdout.write(_("Reconoce el archivo de prueba EICAR: %s") % found)
        if not sees_limits:
            raise CommandError(
                _(
                    "Da por limpio lo que no llega a revisar: poner «AlertExceedsMax yes» en clamd.conf y reiniciarlo."
                )
            )
        self.stdout.write(_("Avisa cuando no llega a revisar un archivo entero."))


def _tells_of_limits(address: str) -> bool:
    content = b"acta"
    for level in range(_BOXES):
        box = io.BytesIO()
        with zipfile.ZipFile(box, "w") as archive:
            archive.writestr(f"{level}.zip", content)
        content = box.getvalue()
    try:
        return bool(clamd.scan(address, [content]))
    except clamd.TooMuch:
        return True
