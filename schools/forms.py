"""The forms about schools and their people."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _

from schools.models import School
from schools.roles import Role

LOGO_MOST_BYTES = 300 * 1024
# What a browser can show and cannot run.
LOGO_SIGNATURES = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}


class Settings(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable when it runs
    """What a school calls itself and where it is."""

    time_zone = forms.ChoiceField(label=_("Zona horaria"))
    logo_file = forms.FileField(
        label=_("Logotipo"),
        required=False,
        help_text=_("Imagen PNG o JPEG de hasta 300 KB. Se muestra en el portal."),
    )

    class Meta:
        model = School
        fields = ("name", "language", "time_zone")
        labels = {"name": _("Nombre de la escuela"), "language": _("Idioma")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["time_zone"]
        assert isinstance(field, forms.ChoiceField)
        nearby = sorted(
            name for name in available_timezones() if name.startswith(("America/", "Europe/", "Atlantic/"))
        )
        field.choices = [(name, name.replace("_", " ")) for name in nearby]

    def clean_logo_file(self) -> Any:
        """Accept only what is a picture by its first bytes."""
        file = self.cleaned_data.get("logo_file")
        if not file:
            return None
        if file.size > LOGO_MOST_BYTES:
            raise forms.ValidationError(_("El logotipo pesa más de 300 KB."))
        content: bytes = file.read()
        if not any(content.startswith(signature) for signature in LOGO_SIGNATURES):
            raise forms.ValidationError(_("El logotipo debe ser una imagen PNG o JPEG."))
        return content

    def save(self, commit: bool = True) -> School:
        """Keep the settings, and the logo when one was given."""
        if content := self.cleaned_data.get("logo_file"):
            self.instance.logo = content
        school: School = super().save(commit)
        return school


class Invite(forms.Form):
    """A place offered to somebody."""

    email = forms.EmailField(label=_("Correo electrónico"))
    role = forms.ChoiceField(label=_("Rol"), choices=Role.choices, initial=Role.TEACHER)
    every_collection = forms.BooleanField(
        label=_("Todas las colecciones, también las que se creen después"), required=False, initial=True
    )
    collections = forms.MultipleChoiceField(
        label=_("Colecciones"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, shelves: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["collections"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = shelves


class Place(Invite):
    """Another role or other collections for somebody who is here."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["email"]


class NewPerson(forms.Form):
    """Who accepts an invitation and has no account yet."""

    name = forms.CharField(
        label=_("Nombre y apellido"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    password = forms.CharField(
        label=_("Contraseña"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Al menos 10 caracteres; una frase corta es fácil de recordar y difícil de adivinar."),
        strip=False,
    )
    password_again = forms.CharField(
        label=_("Contraseña otra vez"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
    )

    def clean(self) -> dict[str, Any]:
        """Compare the two passwords."""
        given = super().clean() or {}
        if given.get("password") and given.get("password") != given.get("password_again"):
            self.add_error("password_again", _("Las dos contraseñas no son iguales."))
        return given
