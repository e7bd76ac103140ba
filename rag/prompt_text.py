"""The text of a prompt: plain words with `{{variables}}`, and nothing that could compute.

text      = (plain | variable | "{{{{")*      "{{{{" stands for two braces that begin no variable
variable  = "{{" blank? name blank? "}}"
name      = a lower-case ASCII letter, then letters, digits or "_"

There is no template engine: a text is cut once into plain pieces and names, and each name is replaced by its value,
which is never read again. "{{" followed by anything else is refused where it is written, so that a text that was kept
can always be rendered. A brace alone, and "}}" alone, are plain words.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from schools import unseen
from schools.refusals import Refused

TEXT_MOST_CHARS = 8_000
VARIABLES_MOST = 20
USES_MOST = 100  # of variables in one text, so that what is rendered has an end too
NAME_MOST_CHARS = 40
LABEL_MOST_CHARS = 80
VALUE_MOST_CHARS = 500

# What the product knows by itself; a school cannot give these another meaning.
BUILT_IN: Mapping[str, str | Promise] = {
    "escuela": gettext_lazy("El nombre de la escuela"),
    "fecha": gettext_lazy("El día en que se pregunta"),
    "rol": gettext_lazy("El rol de quien pregunta"),
}

_OPEN, _LITERAL = "{{", "{{{{"
_SLOT = re.compile(r"\{\{[ \t]*([a-z][a-z0-9_]*)[ \t]*\}\}")
_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
_SHOWN_MOST_CHARS = 30
# What would hide from the eye what is written, or is no text at all.
_UNSEEN = re.compile("[\0-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


class BadText(Refused):
    """A prompt's text or one of its variables is not as it must be; `field` says which."""

    code = "bad_prompt_text"


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable that a prompt declares; `default` is used where nobody gives a value."""

    name: str
    label: str = ""
    default: str = ""

    def to_json(self) -> dict[str, str]:
        """Return the variable as it is kept."""
        return {"name": self.name, "label": self.label, "default": self.default}


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a value goes."""

    name: str


def from_json(stored: Iterable[Mapping[str, Any]]) -> tuple[Variable, ...]:
    """Return the variables that a version keeps."""
    return tuple(Variable(str(each["name"]), str(each["label"]), str(each["default"])) for each in stored)


def tidy(text: str) -> str:
    """Return a text as it is kept: one kind of line's end, no blanks at the ends of lines or of the whole."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def parse(text: str) -> tuple[str | Slot, ...]:
    """Return the text's pieces in order; raise BadText where two braces begin no variable."""
    pieces: list[str | Slot] = []
    plain = ""
    at = 0
    while (found := text.find(_OPEN, at)) >= 0:
        plain += text[at:found]
        if text.startswith(_LITERAL, found):
            plain, at = plain + _OPEN, found + len(_LITERAL)
        elif (slot := _SLOT.match(text, found)) and len(slot[1]) <= NAME_MOST_CHARS:
            pieces += [plain, Slot(slot[1])] if plain else [Slot(slot[1])]
            plain, at = "", slot.end()
        else:
            raise _bad_slot(text, found)
    plain += text[at:]
    return (*pieces, plain) if plain else tuple(pieces)


def names(text: str) -> tuple[str, ...]:
    """Return the variables that a text names, each once, in the order in which they come first; raise BadText."""
    return tuple(dict.fromkeys(piece.name for piece in parse(text) if isinstance(piece, Slot)))


def check(text: str, declared: Sequence[Variable]) -> tuple[str, tuple[Variable, ...]]:
    """Return text and variables as they are kept: tidied, only what the text names, in its order; raise BadText."""
    text = tidy(text)
    if not text:
        raise BadText(_("Falta escribir el texto de la instrucción."), field="text")
    if len(text) > TEXT_MOST_CHARS:
        raise BadText(
            _("El texto puede tener hasta %(most)d caracteres; este tiene %(n)d.")
            % {"most": TEXT_MOST_CHARS, "n": len(text)},
            field="text",
        )
    if hidden := _UNSEEN.search(text):
        raise BadText(
            _("%s: hay un carácter que no se ve y no se admite. Conviene volver a escribir esa parte.")
            % _position(text, hidden.start()),
            field="text",
        )
    text = tidy(unseen.strip(text))  # what is pasted from elsewhere brings it along; nobody wrote it
    if not text:
        raise BadText(_("Falta escribir el texto de la instrucción."), field="text")
    by_name = {each.name: each for each in map(_checked, declared)}
    if len(by_name) != len(declared):
        raise BadText(_("Hay dos variables con el mismo nombre."), field="variables")
    pieces = parse(text)
    used = tuple(dict.fromkeys(piece.name for piece in pieces if isinstance(piece, Slot)))
    if sum(isinstance(piece, Slot) for piece in pieces) > USES_MOST:
        raise BadText(_("El texto puede usar variables hasta %d veces en total.") % USES_MOST, field="text")
    if unknown := [name for name in used if name not in by_name and name not in BUILT_IN]:
        raise BadText(
            _("El texto usa variables que no están declaradas: %s.") % ", ".join(map(_braced, unknown)),
            field="variables",
        )
    kept = tuple(by_name[name] for name in used if name not in BUILT_IN)
    if len(kept) > VARIABLES_MOST:
        raise BadText(_("Puede haber hasta %d variables.") % VARIABLES_MOST, field="variables")
    return text, kept


def render(text: str, values: Mapping[str, str]) -> str:
    """Return a checked text with each variable replaced by its value; what has no value is replaced by nothing."""
    return "".join(
        values.get(piece.name, "")[:VALUE_MOST_CHARS] if isinstance(piece, Slot) else piece
        for piece in parse(text)
    )


def check_value(variable: Variable, value: str) -> str:
    """Return a value tidied; raise BadText for one that is too long or holds what cannot be seen."""
    value = tidy(value)
    if len(value) > VALUE_MOST_CHARS:
        raise BadText(
            _("El valor de %(name)s puede tener hasta %(most)d caracteres.")
            % {"name": _braced(variable.name), "most": VALUE_MOST_CHARS},
            field="variables",
        )
    if _UNSEEN.search(value):
        raise BadText(
            _("El valor de %s tiene un carácter que no se ve y no se admite.") % _braced(variable.name),
            field="variables",
        )
    return tidy(unseen.strip(value))


def _checked(variable: Variable) -> Variable:
    """Return a declared variable tidied; raise BadText."""
    name = variable.name.strip()
    if not _NAME.match(name) or len(name) > NAME_MOST_CHARS:
        raise BadText(
            _(
                "«%s» no sirve como nombre de variable: se escribe en minúsculas, sin tildes ni espacios, "
                "y empieza con una letra."
            )
            % _cut(name),
            field="variables",
        )
    if name in BUILT_IN:
        raise BadText(
            _("%s ya tiene un significado propio y no se puede declarar.") % _braced(name), field="variables"
        )
    label = " ".join(variable.label.split()) or name
    if len(label) > LABEL_MOST_CHARS or _UNSEEN.search(label):
        raise BadText(
            _("La descripción de %(name)s puede tener hasta %(most)d caracteres.")
            % {"name": _braced(name), "most": LABEL_MOST_CHARS},
            field="variables",
        )
    return Variable(name, label, check_value(variable, variable.default))


def _bad_slot(text: str, at: int) -> BadText:
    end = text.find("}}", at, at + _SHOWN_MOST_CHARS)
    written = _cut(text[at : end + 2] if end > 0 else text[at:].partition("\n")[0])
    return BadText(
        _(
            "%(where)s: «%(written)s» no es una variable. Se escribe {{nombre}}: en minúsculas, sin tildes, "
            "espacios ni puntos. Para escribir dos llaves como texto van cuatro: {{{{."
        )
        % {"where": _position(text, at), "written": written},
        field="text",
    )


def _position(text: str, at: int) -> str:
    line = text.count("\n", 0, at) + 1
    return _("Línea %(line)d, posición %(column)d") % {"line": line, "column": at - text.rfind("\n", 0, at)}


def _braced(name: str) -> str:
    return f"{{{{{name}}}}}"


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN_MOST_CHARS else text[:_SHOWN_MOST_CHARS] + "…"
