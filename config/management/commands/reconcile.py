"""`manage.py reconcile`: Postgres, the files and Qdrant against each other; what differs is said and mended."""

import json
import time
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

import documents.differences
import engines.differences
import pipeline.differences
import planillas.differences
import rag.differences
import transcription.differences
from documents import stored
from schools.differences import Look, Outcome
from schools.ids import SchoolId
from schools.models import School
from schools.refusals import Refused

# What is compared, school by school and in this order: lost work first, since what somebody works on is left alone.
CHECKS = (
    pipeline.differences.check,
    documents.differences.check,
    transcription.differences.check,
    rag.differences.check,
    planillas.differences.check,
    engines.differences.check,
)
# And once for all schools.
CHECKS_OF_ALL = (rag.differences.check_strays, stored.check_schools, stored.check_incoming)

# Every kind of difference, in words. The codes are for programs and stay as they are.
WORDS = {
    "run_without_due": lazy("Trabajo vivo que nadie iba a retomar"),
    "due_without_run": lazy("Aviso de un trabajo que ya terminó"),
    "work_not_begun": lazy("Documento, planilla o informe en espera, sin trabajo en marcha"),
    "removal_not_begun": lazy("Borrado que no se había empezado"),
    "reservation_expired": lazy("Dinero reservado más allá de su plazo"),
    "missing_original": lazy(
        "Falta el archivo original: traerlo de un respaldo, o borrar el documento y subirlo otra vez"
    ),
    "damaged_file": lazy("El archivo no es el que se guardó: traerlo de un respaldo"),
    "missing_copy": lazy("Falta la copia legible"),
    "missing_picture": lazy("Falta una imagen del documento"),
    "missing_sound": lazy("Falta el sonido de una grabación"),
    "missing_file": lazy("Falta el archivo de una planilla o plantilla: traerlo de un respaldo"),
    "orphan_file": lazy("Archivo que nadie usa"),
    "unknown_file": lazy("Archivo ajeno a Preceptor en la carpeta de la escuela: revisarlo"),
    "files_of_no_school": lazy("Carpeta de una escuela que no existe: revisarla"),
    "left_upload": lazy("Subida que quedó a medias"),
    "missing_point": lazy("Fragmento que falta en el índice"),
    "not_indexed": lazy("Documento leído que no está en el índice"),
    "wrong_shelf": lazy("Fragmento indexado en otra colección"),
    "wrong_payload": lazy("Fragmento indexado con otro documento"),
    "stale_point": lazy("Fragmento de una lectura anterior en el índice"),
    "orphan_point": lazy("Fragmento en el índice de un documento que no existe"),
    "foreign_point": lazy("ALARMA: fragmento indexado a nombre de otra escuela"),
}
# Mended or not, a person must know.
ALARMS = frozenset({"foreign_point"})
TOLD = {
    Outcome.FOUND: lazy("hay"),
    Outcome.MENDED: lazy("reparado"),
    Outcome.UNDER_WAY: lazy("en marcha"),
    Outcome.LEFT: lazy("queda"),
}


class Command(BaseCommand):
    """Compare, mend, and end with 1 when a person must see to something."""

    help = (
        "Compara Postgres, los archivos y Qdrant, dice qué difiere y lo repara. Termina con 1 si algo queda."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say what may be asked."""
        parser.add_argument("--school", metavar="SLUG", help="solo esta escuela")
        parser.add_argument(
            "--dry-run", action="store_true", help="solo decir qué difiere; termina con 1 si algo"
        )
        parser.add_argument(
            "--deep", action="store_true", help="leer cada archivo entero y comparar su SHA-256"
        )
        parser.add_argument("--json", action="store_true", help="para programas")
        parser.add_argument(
            "--grace-min", type=int, default=60, help="minutos desde los que un archivo sin dueño sobra (60)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the comparison."""
        started = time.monotonic()
        schools = School.objects.order_by("slug")
        if options["school"] is not None:  # empty is no school, and not all of them
            schools = schools.filter(slug=options["school"])
            if not schools:
                raise CommandError(_("No hay una escuela «%s».") % options["school"])
        looks: dict[str, Look] = {}
        try:
            if options["school"] is None:
                looks[""] = self._once(options)
            for school in schools:
                looks[school.slug] = self._school(SchoolId(school.pk), options)
        except Refused as error:
            raise CommandError(str(error)) from error
        looks = {slug: look for slug, look in looks.items() if look.counts or look.busy}
        if options["json"]:
            told = {
                "schools": {
                    slug: {
                        "differences": {c: look.counts[c].to_json() for c in look.codes()},
                        "busy": look.busy,
                    }
                    for slug, look in looks.items()
                },
                "total": sum(count.total for look in looks.values() for count in look.counts.values()),
                "needs_a_person": any(map(_needs_a_person, looks.values())),
                "seconds": round(time.monotonic() - started, 2),
            }
            self.stdout.write(json.dumps(told, ensure_ascii=False, indent=1))
        else:
            self._tell(looks, len(schools), time.monotonic() - started)
        if any(map(_needs_a_person, looks.values())):
            raise SystemExit(1)

    def _once(self, options: dict[str, Any]) -> Look:
        look = _look(options)
        ids = [SchoolId(pk) for pk in School.objects.order_by("pk").values_list("pk", flat=True)]
        for check in CHECKS_OF_ALL:
            check(ids, look)
        return look

    def _school(self, school_id: SchoolId, options: dict[str, Any]) -> Look:
        look = _look(options)
        for check in CHECKS:
            check(school_id, look)
        return look

    def _tell(self, looks: dict[str, Look], schools: int, seconds: float) -> None:
        for slug, look in looks.items():
            self.stdout.write(slug or _("Toda la instalación"))
            for code in look.codes():
                count = look.counts[code]
                fates = ", ".join(f"{TOLD[each]} {n}" for each, n in sorted(count.outcomes.items()))
                self.stdout.write(f"  {code:<20} {count.total:>7}  {WORDS[code]} ({fates})")
                if count.outcomes.keys() & {Outcome.LEFT}:
                    for example in count.examples:
                        self.stdout.write(f"      {example}")
            if look.busy:
                self.stdout.write("  " + _("%d con trabajo en marcha, sin tocar") % look.busy)
        total = sum(count.total for look in looks.values() for count in look.counts.values())
        summary = {"schools": schools, "total": total, "seconds": seconds}
        self.stdout.write(_("%(schools)d escuelas, %(total)d diferencias, %(seconds).1f s") % summary)


def _look(options: dict[str, Any]) -> Look:
    return Look(
        mends=not options["dry_run"], deep=options["deep"], grace=timedelta(minutes=options["grace_min"])
    )


def _needs_a_person(look: Look) -> bool:
    unmended = {Outcome.LEFT, Outcome.FOUND}
    return any(code in ALARMS or count.outcomes.keys() & unmended for code, count in look.counts.items())
