"""The app: Retrieval and answers."""

from django.apps import AppConfig


class RagConfig(AppConfig):
    """Retrieval and answers."""

    name = "rag"
