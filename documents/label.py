"""The label of a document: what it allows, whether it waits for a person, and how it is set."""

from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from documents.models import Document, Sensitivity
from engines import base, config, labels
from engines.labels import Label
from pipeline import runs
from schools.ids import UserId
from schools.refusals import Refused

MEANINGS: dict[Sensitivity, str | Promise] = {
    Sensitivity.UNKNOWN: lazy("Cuenta como confidencial hasta que alguien lo clasifique."),
    Sensitivity.PUBLIC: lazy(
        "Lo puede leer cualquiera. Un motor de afuera puede responder con él, si la escuela lo permite."
    ),
    Sensitivity.INTERNAL: lazy(
        "Para el personal. Un motor de afuera puede responder con él, si la escuela lo permite."
    ),
    Sensitivity.CONFIDENTIAL: lazy(
        "Nunca sale de los equipos de la escuela: responden solo motores de aquí."
    ),
    Sensitivity.MINORS: lazy("Datos de alumnas y alumnos. Nunca sale de los equipos de la escuela."),
}
# What a filter asks for besides the labels themselves.
UNLABELLED = "none"
TO_CONFIRM = "to_confirm"
FILTERS: tuple[tuple[str, str | Promise], ...] = (
    (TO_CONFIRM, lazy("Por confirmar")),
    *((each.value, each.label) for each in Sensitivity if each),
    (UNLABELLED, Sensitivity.UNKNOWN.label),
)


class LooserThanSuggested(Refused):
    """The text holds personal data that ask for a stricter label; a person may insist."""

    code = "looser_than_suggested"
    status = 409


def is_looser(sensitivity: str, suggested: str) -> bool:
    """Say whether a label lets more engines see the document than the suggested one would."""
    return bool(suggested) and not labels.allows(labels.of(sensitivity), labels.of(suggested))


def is_to_confirm(document: Document) -> bool:
    """Say whether a suggestion waits for a person: the document has no label, or a looser one that nobody confirmed."""
    suggested = document.suggested_sensitivity
    if not suggested or document.labelled_at is not None:
        return False
    return not document.sensitivity or is_looser(document.sensitivity, suggested)


def having(wanted: str) -> Q:
    """Return the condition of documents that a filter of FILTERS asks for."""
    if wanted == UNLABELLED:
        return Q(sensitivity=Sensitivity.UNKNOWN)
    if wanted != TO_CONFIRM:
        return Q(sensitivity=wanted)
    waiting = Q(pk__in=[])
    for suggested in Label:
        looser = [each.value for each in Label if is_looser(each, suggested)]
        waiting |= Q(suggested_sensitivity=suggested, sensitivity__in=[Sensitivity.UNKNOWN, *looser])
    return waiting & Q(labelled_at=None)


def put(document: Document, sensitivity: Sensitivity, *, by: UserId, is_confirmed: bool) -> bool:
    """Give a document a label in a person's name; say whether it is another one. The row is the caller's to save.

    Raises LooserThanSuggested unless the person insists, or did so before. "Sin clasificar" takes the label away.
    """
    is_other = sensitivity != document.sensitivity
    is_known = not is_other and document.labelled_at is not None
    if (
        sensitivity
        and not is_confirmed
        and not is_known
        and is_looser(sensitivity, document.suggested_sensitivity)
    ):
        raise LooserThanSuggested(
            _("«%(title)s» tiene datos que piden «%(suggested)s». Para usar «%(label)s» hay que confirmarlo.")
            % {
                "title": document.title,
                "suggested": Sensitivity(document.suggested_sensitivity).label,
                "label": sensitivity.label,
            },
            field="sensitivity",
        )
    document.sensitivity = sensitivity
    if not sensitivity:
        document.labelled_by_id, document.labelled_at = None, None
    elif is_other or is_confirmed or not is_known:
        document.labelled_by_id, document.labelled_at = by, timezone.now()
    return is_other


def changed(document: Document) -> None:
    """Have a document's vectors made anew where an engine elsewhere may have made them. Inside a scope."""
    try:
        is_elsewhere = any(each.runs != "here" for each in config.load().engines if "embed" in each.tasks)
    except base.Misconfigured:
        is_elsewhere = True  # who makes vectors is not known until the file is mended
    if is_elsewhere:
        runs.start("reindexing", document.pk)
