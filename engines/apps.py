"""The app: Engines, and the one door to each maker."""

from django.apps import AppConfig


class EnginesConfig(AppConfig):
    """Engines, and the one door to each maker."""

    name = "engines"
