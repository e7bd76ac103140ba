"""The app of the wiring: holds the commands that concern the whole house."""

from pathlib import Path

from django.apps import AppConfig
from django.conf import settings


class WiringConfig(AppConfig):
    """Commands that concern the whole house."""

    name = "config"

    def ready(self) -> None:
        """Make the folder where uploads arrive before they are stored."""
        Path(settings.FILE_UPLOAD_TEMP_DIR).mkdir(parents=True, exist_ok=True, mode=0o700)
