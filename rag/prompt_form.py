"""The form of a prompt: what was typed, kept as typed, and what it means."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rag import prompt_text, prompts
from rag.prompt_facts import ASKERS, Facts, Task, Words
from rag.prompt_text import BUILT_IN, VARIABLES_MOST, BadText, Variable
from schools.roles import Role

EVERYONE, SOME = "todos", "algunos"
# Beyond what may be kept, so that too long a text is refused in words and nothing of it is lost before.
TYPED_MOST_CHARS = 4 * prompt_text.TEXT_MOST_CHARS


@dataclass(frozen=True, slots=True)
class Typed:
    """A prompt as it stands in the form."""

    name: str = ""
    purpose: str = ""
    task: str = Task.ANSWER
    is_default: bool = False
    who: str = EVERYONE
    roles: tuple[str, ...] = ()
    text: str = ""
    variables: tuple[Variable, ...] = ()
    note: str = ""
    began_from: int | None = None

    @property
    def facts(self) -> Facts:
        """Return what the form says of the prompt; prompts.create and change check it."""
        chosen = frozenset(Role(each) for each in self.roles if each in ASKERS)
        return Facts(
            self.name, self.purpose, self.task, self.is_default, chosen if self.who == SOME else None
        )

    @property
    def words(self) -> Words:
        """Return the form's text; raise BadText for a variable that nobody has said the meaning of."""
        used = prompt_text.names(self.text)
        for each in self.variables:
            # A slip of the pen is a new variable too: to name what it is keeps one from being saved unseen.
            if each.name in used and not each.label.strip():
                raise BadText(
                    _("Falta escribir qué es {{%s}}. Si es un error, corregirlo en el texto.") % each.name,
                    field="variables",
                )
        return Words(self.text, self.variables, self.note)

    @property
    def rows(self) -> tuple[Variable, ...]:
        """Return a row for each variable of the text, in its order, also for those not declared yet."""
        declared = {each.name: each for each in self.variables}
        try:
            used = prompt_text.names(self.text)
        except BadText:
            return self.variables
        return tuple(declared.get(name, Variable(name)) for name in used if name not in BUILT_IN)[
            : VARIABLES_MOST + 5
        ]


def of_post(posted: QueryDict) -> Typed:
    """Return what was typed."""
    rows = zip_longest(
        posted.getlist("variable_name"),
        posted.getlist("variable_label"),
        posted.getlist("variable_default"),
        fillvalue="",
    )
    began_from = posted.get("began_from", "")
    return Typed(
        name=posted.get("name", ""),
        purpose=posted.get("purpose", ""),
        task=posted.get("task", Task.ANSWER),
        is_default=posted.get("is_default") == "on",
        who=SOME if posted.get("who") == SOME else EVERYONE,
        roles=tuple(posted.getlist("roles")),
        text=prompt_text.tidy(posted.get("text", "")[:TYPED_MOST_CHARS]),
        variables=tuple(Variable(*row) for row in rows if row[0])[: 2 * VARIABLES_MOST],
        note=posted.get("note", ""),
        began_from=int(began_from) if began_from.isascii() and began_from[:9].isdigit() else None,
    )


def of_entry(entry: prompts.Entry) -> Typed:
    """Return the form of a prompt as it is kept."""
    facts = entry.facts
    return Typed(
        name=facts.name,
        purpose=facts.purpose,
        task=facts.task,
        is_default=facts.is_default,
        who=EVERYONE if facts.roles is None else SOME,
        roles=tuple(facts.roles or ()),
        text=entry.latest.text,
        variables=prompt_text.from_json(entry.latest.variables),
        began_from=entry.latest.number,
    )


@dataclass(frozen=True, slots=True)
class Example:
    """A prompt to begin from; nothing is kept until it is saved."""

    name: str | Promise
    purpose: str | Promise
    text: str | Promise
    variables: tuple[tuple[str, str | Promise, str], ...] = ()

    @property
    def typed(self) -> Typed:
        """Return the form with the example in it."""
        return Typed(
            name=str(self.name),
            purpose=str(self.purpose),
            text=str(self.text),
            variables=tuple(Variable(name, str(label), default) for name, label, default in self.variables),
        )


EXAMPLES: Mapping[str, Example] = {
    "familias": Example(
        name=gettext_lazy("Para familias"),
        purpose=gettext_lazy("Cuando la respuesta se va a compartir con las familias."),
        text=gettext_lazy(
            "La respuesta se va a compartir con las familias de {{escuela}}.\n"
            "Usar frases cortas, sin siglas ni términos técnicos.\n"
            "Si hay un plazo o una fecha, va en la primera oración."
        ),
    ),
    "pasos": Example(
        name=gettext_lazy("Paso a paso"),
        purpose=gettext_lazy("Para trámites y procedimientos: qué hay que hacer y en qué orden."),
        text=gettext_lazy(
            "Responder con una lista de pasos, en el orden en que se hacen.\n"
            "Cada paso empieza con un verbo y dice quién lo hace.\n"
            "No más de {{pasos}} pasos. Si falta un dato para un paso, decirlo."
        ),
        variables=(("pasos", gettext_lazy("Cuántos pasos como máximo"), "7"),),
    ),
}
