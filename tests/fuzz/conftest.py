"""A school with some of everything, and who asks it malformed things."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.signals import got_request_exception
from django.db import transaction

from tests.fuzz.filled import fill
from tests.fuzz.teller import Teller
from tests.tenancy.matrix import Things


@pytest.fixture(scope="module")
def furnished(django_db_setup: None, django_db_blocker: Any) -> Iterator[Things]:
    """Furnish a school once, in a transaction around the tests."""
    with django_db_blocker.unblock(), transaction.atomic():
        things = fill("norte", "ana")
        with django_db_blocker.block():
            yield things
        transaction.set_rollback(True)


@pytest.fixture
def teller(furnished: Things, db: None) -> Iterator[Teller]:
    made = Teller(furnished)
    got_request_exception.connect(made.hear)
    yield made
    got_request_exception.disconnect(made.hear)
