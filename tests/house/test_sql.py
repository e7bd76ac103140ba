"""No identifier in SQL, and no regular expression, comes from a person, a document or a model.

Read from the source: what is executed, named or compiled must be a text of ours from end to end, or stand in a list
here with the reason why it is safe. Red when a name is put into a statement, `order_by(asked)` is called, or a question
is compiled.
"""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.house.sql_texts import Module, module
from tests.house.tree import PRODUCT, ours, text

SOURCES = [path for path in ours(".py", below=PRODUCT) if "/migrations/" not in path]

# --- SQL --------------------------------------------------------------------------------------------------------------

# Where a text of SQL is put together from what the function was given, and why that is never anybody's words.
EXECUTED = {
    ("schools/scope.py", "run"): "the texts of its callers, each of which is looked at here",
    ("schools/scope.py", "in_each"): "the same, bound by the driver, one after the other",
    ("schools/bulk.py", "_insert"): "names of a model's table and columns, quoted",
    ("planillas/storing_rows.py", "_run"): "one of the two texts of its module",
}
# Where a field's name is made, and why it is never anybody's words.
NAMED = {
    ("documents/contents.py", "_target"): "one of two words, by the case that it stands in",
    ("engines/pod_rows.py", "change"): "the fields of a value of ours",
    ("engines/pod_rows.py", "one"): "the fields of a value of ours",
    ("engines/pod_rows.py", "read"): "the fields of a value of ours",
    ("engines/usage.py", "report"): "one of the words of By, which page and API check",
    ("planillas/refilling.py", "_note"): "the fields that a function of ours names",
    ("planillas/rows.py", "_any_cell"): "one of the states that it is compared with",
    ("planillas/rows.py", "_in_pieces"): "the fields that this module names",
    ("planillas/rows.py", "_of_state"): "the names that this module gave, with a number",
    ("planillas/rows.py", "empty_in"): "numbers; a column's key is a parameter",
    ("planillas/rows.py", "narrowed"): "numbers; a column's key is a parameter",
    ("planillas/rows.py", "page"): "expressions; a column's key is a parameter",
    ("planillas/staleness.py", "check"): "the fields that a function of ours names",
}


def _statements(found: Module) -> Iterator[tuple[ast.Call, ast.AST]]:
    """Yield the calls that give Postgres a text, with the text."""
    for call in found.calls():
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        named = {each.arg: each.value for each in call.keywords if each.arg}
        if name in ("execute", "executemany", "raw", "RawSQL", "copy") and call.args:
            yield call, call.args[0]
        elif ast.unparse(call.func) in ("scope.run", "scope.in_each"):
            yield call, call.args[1]
        elif name == "extra":
            yield from ((call, value) for key, value in named.items() if key != "params")
        elif name in ("Func", "Aggregate", "Value") or name.endswith("Func"):
            yield from ((call, named[key]) for key in ("template", "function", "arg_joiner") if key in named)


def test_what_postgres_is_told_is_a_text_of_ours() -> None:
    found = {
        (path, module(path).function_of(call))
        for path in SOURCES
        for call, statement in _statements(module(path))
        if module(path).function_of(call) and not module(path).is_ours(statement)
    }
    assert found == set(EXECUTED)


_METHODS = {
    "filter", "exclude", "get", "annotate", "alias", "aggregate", "values", "values_list", "order_by", "only", "defer",
    "select_related", "prefetch_related", "distinct", "update", "earliest", "latest",
}  # fmt: skip
_EXPRESSIONS = {"Q", "F", "OuterRef"}
_NAMING = (_METHODS | {"F", "OuterRef"}) - {
    "filter",
    "exclude",
    "get",
    "annotate",
    "alias",
    "aggregate",
    "update",
}


def _fields(found: Module) -> Iterator[ast.Call]:
    """Yield the calls that name fields by something else than words in the source."""
    for call in found.calls():
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        is_method = isinstance(call.func, ast.Attribute) and not found.is_imported(call.func.value)
        if name not in _EXPRESSIONS and not (name in _METHODS and is_method):
            continue
        for each in call.keywords:
            if each.arg is None and not found.names_are_ours(each.value):
                yield call
        if name in _NAMING and not all(map(found.is_ours, call.args)):
            yield call


def test_no_field_is_named_by_what_came_from_outside() -> None:
    """A name like `_connector` or `password__startswith` in a filter asks what nobody meant to be asked."""
    found = {(path, module(path).function_of(call)) for path in SOURCES for call in _fields(module(path))}
    assert found == set(NAMED)


def test_the_schools_name_is_set_in_one_place_and_for_one_transaction() -> None:
    """Every other place would have to be right as well; a name of the session's stays on its connection."""
    told = {path for path in SOURCES if "app.school_id" in text(path)}
    assert told == {"schools/scope.py", "schools/guard.py", "schools/wall.py"}
    scope = text("schools/scope.py")
    assert scope.count("set_config(") == scope.count(", true)") == 3
    sets = {path for path in SOURCES if re.search(r"\bSET (?!LOCAL\b)\w+(\.\w+)? *(=|TO)\b", text(path))}
    assert sets == set(), "a setting of the session's"


def test_nothing_is_yielded_inside_a_scope() -> None:
    """Whoever stops reading leaves the transaction open and the school named; see schools.scope.piecewise."""
    found = set()
    for path in SOURCES:
        for node in ast.walk(module(path).tree):
            if not isinstance(node, ast.With | ast.AsyncWith):
                continue
            if not any("school_scope(" in ast.unparse(each.context_expr) for each in node.items):
                continue
            for inner in ast.walk(node):
                if isinstance(inner, ast.Yield | ast.YieldFrom):
                    found.add((path, module(path).function_of(inner)))
    # Context managers: `with` ends them, whatever happens.
    assert found == {
        ("planillas/changing.py", "opened"),
        ("planillas/filling.py", "writing"),
        ("transcription/changing.py", "opened"),
    }


# --- patterns ---------------------------------------------------------------------------------------------------------

_COMPILED = {"compile", "search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer"}
# Where a pattern holds what came from outside, and why it can neither mean more nor take long.
COMPILED = {
    ("documents/finding.py", "spans"): "the same pattern that Postgres is given; see below",
    ("planillas/exports/pdf.py", "breakable"): "how many characters a column is wide: a number",
    (
        "planillas/written/choices.py",
        "spot_choice",
    ): "the words of an option, escaped, with nothing repeated around",
    ("transcription/due_dates.py", "_rule"): "the rules of its module",
}
SOUGHT_BY_POSTGRES = {
    "documents/finding.py": "each character escaped; nothing repeated but spaces and what is unseen",
    "planillas/rows.py": "a pattern of ours, over people's dates",
}


def test_no_text_of_anybodys_is_compiled_as_a_pattern() -> None:
    found = set()
    for path in SOURCES:
        for call in module(path).calls():
            match call.func:
                case ast.Attribute(value=ast.Name(id="re" | "regex"), attr=name) if (
                    name in _COMPILED and call.args
                ):
                    where = module(path).function_of(call)
                    # While a module is imported nobody has said anything yet.
                    if where and not module(path).is_ours(call.args[0]):
                        found.add((path, where))
    assert found == set(COMPILED)


def test_postgres_is_given_no_pattern_of_anybodys() -> None:
    asks = re.compile(r"__i?regex\b|\bregexp_\w+|\bSIMILAR TO\b|\s!?~\*?\s(?=['%])")
    assert {path for path in SOURCES if asks.search(text(path))} == set(SOUGHT_BY_POSTGRES)
    others = re.compile(r"^(?:import|from) (?:fnmatch|glob|regex|re2)\b|\.r?glob\((?!\"\*\"\))", re.MULTILINE)
    # The files of a model that a list of ours asks of a hub: no person is there.
    assert {path for path in SOURCES if others.search(text(path))} == {"engines/providers/_whisper_hub.py"}


@pytest.mark.parametrize(
    ("source", "is_ours"),
    [
        ("_A = 'a'\ncursor.execute(f'SELECT {_A}')", True),
        ("def f(name):\n    cursor.execute(f'SELECT {name}')", False),
        ("def f(name):\n    cursor.execute('SELECT %s' % name)", False),
        ("def f(name):\n    sql = 'SELECT ' + name\n    cursor.execute(sql)", False),
        ("def f(asked):\n    for each in asked:\n        cursor.execute('SELECT ' + each)", False),
        ("def f(asked):\n    cursor.execute('SELECT {}'.format(asked.name))", False),
        ("def f(asked):\n    cursor.execute(SQL[asked])", False),
        (
            "_ALL = ('SELECT 1', 'SELECT 2')\ndef f():\n    for each in _ALL:\n        cursor.execute(each)",
            True,
        ),
    ],
)
def test_the_reader_of_sources_tells_texts_of_ours_from_others(source: str, is_ours: bool) -> None:
    found = Module(source)
    [(_call, statement)] = _statements(found)
    assert found.is_ours(statement) == is_ours
