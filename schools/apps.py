"""The app of schools and their people."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SchoolsConfig(AppConfig):
    """Schools, people, and the wall between schools."""

    name = "schools"
    verbose_name = _("Escuelas y personas")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen to what is kept of tokens."""
        from schools import token_rows  # noqa: F401  # the import itself connects it
