"""What a prompt is: its name, task and users, its text and variables, and what each of them may be."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rag import prompt_text
from rag.prompt_text import Variable
from schools.refusals import Refused
from schools.roles import RIGHTS, Can, Role

NAME_MOST_CHARS = 100
PURPOSE_MOST_CHARS = 300
NOTE_MOST_CHARS = 300


class Task(models.TextChoices):
    """What a prompt goes with; a task is offered once something asks for its prompt."""

    ANSWER = "answer", gettext_lazy("Responder preguntas")


TASKS = tuple(Task)
# Who can be named as a user of a prompt: a role that asks nothing has no use for one.
ASKERS = tuple(role for role in Role if Can.ASK in RIGHTS[role])


class BadPrompt(Refused):
    """A field of a prompt is not as it must be."""

    code = "bad_prompt"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a prompt is beside its text. `roles` None: everyone who asks may use it."""

    name: str
    purpose: str = ""
    task: str = Task.ANSWER
    is_default: bool = False
    roles: frozenset[Role] | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """A text with the variables that it declares, and what its author says of it."""

    text: str
    variables: tuple[Variable, ...] = ()
    note: str = ""


def check_facts(facts: Facts) -> Facts:
    """Return the facts tidied; raise BadPrompt."""
    name, purpose = " ".join(facts.name.split()), " ".join(facts.purpose.split())
    if not 1 <= len(name) <= NAME_MOST_CHARS or "\0" in name:
        raise BadPrompt(_("El nombre debe tener de 1 a %d caracteres.") % NAME_MOST_CHARS, field="name")
    if len(purpose) > PURPOSE_MOST_CHARS or "\0" in purpose:
        raise BadPrompt(
            _("Para qué sirve puede tener hasta %d caracteres.") % PURPOSE_MOST_CHARS, field="purpose"
        )
    if facts.task not in Task.values:
        raise BadPrompt(_("La tarea no existe."), field="task")
    if facts.roles is not None and (not facts.roles or not _are_askers(facts.roles)):
        raise BadPrompt(_("Falta elegir quiénes la pueden usar."), field="roles")
    return Facts(name, purpose, facts.task, facts.is_default, facts.roles)


def _are_askers(roles: Iterable[Role]) -> bool:
    return all(role in ASKERS for role in roles)


def check_words(words: Words) -> Words:
    """Return text, variables and note tidied; raise BadPrompt or BadText."""
    text, variables = prompt_text.check(words.text, words.variables)
    note = " ".join(words.note.split())
    if len(note) > NOTE_MOST_CHARS or "\0" in note:
        raise BadPrompt(_("Qué cambió puede tener hasta %d caracteres.") % NOTE_MOST_CHARS, field="note")
    return Words(text, variables, note)
