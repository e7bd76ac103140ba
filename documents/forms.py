"""The forms of the library."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from documents import collections
from documents.models import Collection, Document, Sensitivity
from schools.admission import Member


class Facts(forms.Form):
    """What is known of a document."""

    title = forms.CharField(label=_("Título"), max_length=300)
    collection = forms.ChoiceField(label=_("Colección"))
    sensitivity = forms.ChoiceField(
        label=_("Sensibilidad"),
        choices=Sensitivity.choices,
        required=False,
        help_text=_("Lo que no está clasificado se trata como confidencial."),
    )
    valid_from = forms.DateField(
        label=_("Vigente desde"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    valid_until = forms.DateField(
        label=_("Vigente hasta"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, shelves: list[Collection], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["collection"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(shelf.pk), shelf.name) for shelf in shelves]

    @classmethod
    def of(cls, document: Document, shelves: list[Collection]) -> "Facts":
        """Return the form filled in with a document."""
        return cls(
            initial={
                "title": document.title,
                "collection": str(document.collection_id),
                "sensitivity": document.sensitivity,
                "valid_from": document.valid_from,
                "valid_until": document.valid_until,
            },
            shelves=shelves,
        )


def shelves_for(member: Member) -> list[Collection]:
    """Return the collections a member can choose from."""
    return collections.visible(member)
