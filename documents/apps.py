"""The app: Documents, their blocks and their places."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    """Documents, their blocks and their places."""

    name = "documents"
