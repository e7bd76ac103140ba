"""A school with a row for every address, and what stands in place of the ids that are drawn by chance."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from schools.models import School
from schools.roles import Role
from tests.conftest import join
from tests.tenancy.call import PLAIN
from tests.tenancy.matrix import Things, furnish
from tests.tenancy.urls import CALLS, addresses


def fill(slug: str, director: str) -> Things:
    """Return a school with some of everything."""
    school = School.objects.create(slug=slug, name=f"Escuela {slug.capitalize()}")
    return furnish(join(school, f"{director}@{slug}.example", Role.DIRECTOR))


@dataclass(frozen=True, slots=True)
class Names:
    """What the ids of one operation name: in its path and in its body, by a name in `Things.ids`."""

    path: Mapping[str, str]
    body: Mapping[str, str]

    def put_into_path(self, given: Mapping[str, Any], things: Things) -> dict[str, Any]:
        """Return the path's parameters with rows that exist."""
        known: dict[str, Any] = {"slug": things.slug, **PLAIN}
        known |= {name: str(things.ids[thing]) for name, thing in self.path.items()}
        return {name: known.get(name, value) for name, value in given.items()}

    def put_into_body(self, given: Any, things: Things) -> Any:
        """Return a body that was drawn by chance with rows that exist."""
        if not isinstance(given, dict):
            return given
        return {
            name: _alike(value, things.ids[self.body[name]]) if name in self.body else value
            for name, value in given.items()
        }


def _alike(value: Any, pk: UUID) -> Any:
    if isinstance(value, list):
        return [str(pk)] * len(value)
    return str(pk) if isinstance(value, str) else value


def names_by_operation() -> dict[tuple[str, str], Names]:
    """Return them by method and path as OpenAPI writes it."""
    routes = {each.name: "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", each.route) for each in addresses()}
    return {
        (call.method, routes[call.url]): Names(
            call.keys, {field.removesuffix("[]"): thing for field, thing in call.nested}
        )
        for call in CALLS
    }
