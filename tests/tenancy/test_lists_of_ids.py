"""Every list of ids that a body may hold is known to test_urls.py, which puts a foreign one in each place (T15)."""

import re
from typing import Any

from drf_spectacular.generators import SchemaGenerator

from tests.house.tree import PRODUCT, ours, text
from tests.tenancy.urls import CALLS, addresses

# Fields of the portal's forms that are lists of no ids.
NO_IDS = {
    "column", "roles", "tasks", "sections", "variable_default", "variable_label", "variable_name", "file",
    "colecciones",  # of a page that is asked for: see test_urls.py
}  # fmt: skip


def test_every_list_of_ids_that_is_taken_is_tried() -> None:
    """A list of ids in a body that nobody names in `nested` would not be tried with a foreign one in it.

    Red when one `nested` is taken out of the lists of calls.
    """
    named = {
        (call.url, call.method): {field.removesuffix("[]") for field, _thing in call.nested} for call in CALLS
    }
    by_path = {"/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", each.route): each.name for each in addresses()}
    generator: Any = SchemaGenerator
    schema = generator().get_schema(request=None, public=True)
    taken: dict[tuple[str, str], set[str]] = {}
    for path, methods in schema["paths"].items():
        for method, told in methods.items():
            content = told.get("requestBody", {}).get("content", {})
            for each in content.values():
                shape = each["schema"]
                shape = schema["components"]["schemas"].get(shape.get("$ref", "").rpartition("/")[2], shape)
                for name, field in shape.get("properties", {}).items():
                    if field.get("items", {}).get("format") == "uuid":
                        taken.setdefault((by_path[path], method.upper()), set()).add(name)
    assert taken, "no list of ids was found: the schema is read wrongly"
    missing = {call: fields - named.get(call, set()) for call, fields in taken.items()}
    assert {call: fields for call, fields in missing.items() if fields} == {}
    in_forms = {
        name for path in ours(".py", below=PRODUCT) for name in re.findall(r'getlist\("(\w+)"\)', text(path))
    }
    assert in_forms - NO_IDS <= set().union(*named.values())
