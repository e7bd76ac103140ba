"""Two schools with one row of each kind in both."""

from dataclasses import dataclass
from typing import Any

import pytest
from django.db.models import Model

from schools.ids import SchoolId
from schools.scope import school_scope
from tests.conftest import Person
from tests.rows import Rows


@dataclass(frozen=True, slots=True)
class World:
    """The rows of both schools, by model."""

    norte: SchoolId
    sur: SchoolId
    of_norte: dict[type[Model], Any]
    of_sur: dict[type[Model], Any]


@pytest.fixture
def world(ana: Person, zoe: Person) -> World:
    """Return two schools, one row of every tenant model in each."""
    with school_scope(ana.school_id):
        of_norte = Rows(ana.user).every()
    with school_scope(zoe.school_id):
        of_sur = Rows(zoe.user).every()
    return World(ana.school_id, zoe.school_id, of_norte, of_sur)
