"""`manage.py pods list|stop|kill|allow [ENGINE…]`: rented machines by hand, first of all the switch that ends them."""

from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from engines import pod_rows, pods_keeper
from engines.base import EngineError
from engines.models import PodState
from engines.pods_keeper import Landlord


class Command(BaseCommand):
    """List the machines; stop them now, until work asks again or for good; allow them again."""

    help = (
        "List rented machines (list), stop them now (stop), for good (kill), or let them start again (allow)."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what to do, and to which engines."""
        parser.add_argument("what", choices=("list", "stop", "kill", "allow"))
        parser.add_argument("engines", nargs="*", help="names in engines.yaml; all when left out")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it."""
        wanted: list[str] = options["engines"]
        landlords = pods_keeper.rented(wanted or None)
        if unknown := set(wanted) - {each.engine.name for each in landlords}:
            raise CommandError(_("No son motores con máquina alquilada: %s") % ", ".join(sorted(unknown)))
        if options["what"] == "list":
            self._list(landlords)
        elif options["what"] == "allow":
            for landlord in landlords:
                pods_keeper.allow(landlord, timezone.now())
        else:
            self._stop(landlords, for_good=options["what"] == "kill")

    def _list(self, landlords: Sequence[Landlord]) -> None:
        rows = pod_rows.read()
        for landlord in landlords:
            row = rows.get(landlord.engine.name)
            state = PodState(row.state).label if row else PodState.OFF.label
            parts = [landlord.engine.name, str(state)]
            if row:
                hours = row.seconds_today / 3_600
                parts += [row.maker_id or "—", _("%.1f h hoy") % hours, row.error]
            self.stdout.write("  ".join(part for part in parts if part))

    def _stop(self, landlords: Sequence[Landlord], *, for_good: bool) -> None:
        """Write all down first: then no keeper starts anew what is being deleted."""
        for landlord in landlords:
            pods_keeper.stop(landlord, timezone.now(), for_good=for_good)
        is_well = True
        for landlord in landlords:
            try:
                deleted = pods_keeper.delete_all(landlord)
            except EngineError as error:
                is_well = False
                self.stderr.write(f"{landlord.engine.name}: {error.detail}")
            else:
                self.stdout.write(f"{landlord.engine.name}: {', '.join(deleted) or '—'}")
        if not is_well:
            raise CommandError(_("No se pudo apagar todo ahora; el planificador sigue intentando."))
