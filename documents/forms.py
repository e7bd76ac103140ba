"""The forms of the library."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from documents import collections
from documents.models import Collection, Document
from documents.uploads import ISSUER_MOST_CHARS, TITLE_MOST_CHARS
from schools.admission import Member


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


def _choose(field: forms.Field, choices: list[tuple[str, Any]]) -> None:
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


class Facts(forms.Form):
    """What is known of a document."""

    title = forms.CharField(label=_("Título"), max_length=TITLE_MOST_CHARS)
    collection = forms.ChoiceField(label=_("Colección"))
    issuer = forms.CharField(label=_("Organismo que lo emite"), max_length=ISSUER_MOST_CHARS, required=False)
    valid_from = forms.DateField(label=_("Vigente desde"), required=False, widget=_day())
    valid_until = forms.DateField(
        label=_("Vigente hasta"), required=False, widget=_day(), help_text=_("El último día en que rige.")
    )
    supersedes = forms.ChoiceField(
        label=_("Reemplaza a"),
        required=False,
        help_text=_("El otro deja de regir el día en que este empieza."),
        error_messages={"invalid_choice": _("El documento que se quiere reemplazar no existe.")},
    )

    def __init__(
        self, *args: Any, shelves: list[Collection], older: list[tuple[UUID, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        _choose(self.fields["collection"], [(str(shelf.pk), shelf.name) for shelf in shelves])
        _choose(self.fields["supersedes"], [("", _("Ninguno")), *((str(key), title) for key, title in older)])

    @classmethod
    def of(cls, document: Document, *, shelves: list[Collection], older: list[tuple[UUID, str]]) -> "Facts":
        """Return the form filled in with a document; `older`: those that it may replace."""
        return cls(
            initial={
                "title": document.title,
                "collection": str(document.collection_id),
                "issuer": document.issuer,
                "valid_from": document.valid_from,
                "valid_until": document.valid_until,
                "supersedes": str(document.supersedes_id or ""),
            },
            shelves=shelves,
            older=older,
        )


class NewVersion(forms.Form):
    """A file that takes a document's place."""

    file = forms.FileField(
        label=_("Archivo"), allow_empty_file=True
    )  # documents.uploads refuses those itself
    title = forms.CharField(label=_("Título"), max_length=TITLE_MOST_CHARS)
    valid_from = forms.DateField(
        label=_("Vigente desde"),
        widget=_day(),
        help_text=_("Hasta ese día, y mientras se lee el archivo, sigue respondiendo la versión de ahora."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # The page holds another form with the same fields.
        super().__init__(*args, **{"auto_id": "version_%s", **kwargs})


def shelves_for(member: Member) -> list[Collection]:
    """Return the collections a member can choose from."""
    return collections.visible(member)
