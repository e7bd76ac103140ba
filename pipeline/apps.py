"""The app: The one runner of background work."""

from django.apps import AppConfig


class PipelineConfig(AppConfig):
    """The one runner of background work."""

    name = "pipeline"
