"""Refresh tokens as the database keeps them: never themselves, so that no row, dump or backup opens the API."""

import hashlib
from typing import Any

from django.db.models.signals import pre_save
from django.dispatch import receiver
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken

_MARK = "sha256:"


@receiver(pre_save, sender=OutstandingToken)
def keep_digest(instance: OutstandingToken, **_facts: Any) -> None:
    """Put a digest in the token's place; by which one it is spent or refused, its `jti`, stays."""
    if not instance.token.startswith(_MARK):
        instance.token = _MARK + hashlib.sha256(instance.token.encode()).hexdigest()
