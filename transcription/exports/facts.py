"""The words that every readable format says of a transcript, so that they say the same."""

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from transcription.exports.told import Line, Summary, Task, Told, clock


def facts(told: Told) -> list[tuple[str, str]]:
    """Return what is known of a recording: a name and a value each."""
    found = [(_("Escuela"), told.school)]
    if told.recorded_on:
        found.append((_("Fecha"), day(told.recorded_on)))
    if told.duration_s:
        found.append((_("Duración"), clock(told.duration_s)))
    if told.speakers:
        found.append((_("Hablantes"), ", ".join(told.speakers)))
    if told.engines:
        found.append((_("Transcripción"), ", ".join(told.engines)))
    return found


def day(when: date) -> str:
    """Return a date in words."""
    return date_format(when, r"j \d\e F \d\e Y")


def sections(summary: Summary) -> list[tuple[str, tuple[Line, ...]]]:
    """Return the parts of a summary that have lines, under their headings."""
    found = [
        (_("Resumen"), summary.bullets),
        (_("Riesgos y dependencias"), summary.risks),
        (_("Ideas clave"), summary.ideas),
        (_("Temas"), summary.topics),
    ]
    return [each for each in found if each[1]]


def by_whom(summary: Summary) -> str:
    """Return who made a summary, in a sentence."""
    if summary.is_outdated:
        return _("El resumen es anterior a la última corrección de la transcripción.")
    if not summary.made_by:
        return _("Resumen y tareas sacados por reglas, sin modelo de lenguaje: conviene revisarlos.")
    return _("Resumen y tareas hechos por %s: conviene revisarlos.") % summary.made_by


def due(task: Task) -> str:
    """Return by when a task is to be done: the day, or the words that were said."""
    return day(task.due) if task.due else task.due_words


def table(told: Told) -> tuple[list[str], list[list[str]]]:
    """Return the tasks as a table: its heads and its rows."""
    heads = [_("Tarea"), _("Responsable"), _("Para cuándo"), _("Estado"), _("Minuto")]
    return heads, [[each.task, each.owner, due(each), each.state, clock(each.from_s)] for each in told.tasks]


def tasks_heading() -> str:
    """Return the heading of the tasks."""
    return _("Tareas")


def transcript_heading() -> str:
    """Return the heading of what was said."""
    return _("Transcripción")
