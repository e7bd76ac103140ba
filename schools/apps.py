"""The app of schools and their people."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SchoolsConfig(AppConfig):
    """Schools, people, and the wall between schools."""

    name = "schools"
    verbose_name = _("Escuelas y personas")
    default_auto_field = "django.db.models.BigAutoField"
