"""How Postgres would carry out the statements of a request: caught on their way, explained as the role that serves."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from schools import scope
from schools.ids import SchoolId
from schools.scope import NoSchool, school_scope

BIG = 1_000  # rows; below it a table is read whole whatever there is, and rightly
_NAMED = re.compile(r"^SELECT set_config\('app\.school_id', %\(scope_school\)s, true\);\s*")
_AHEAD = re.compile(r"^SET LOCAL \w+ = \w+;\s*")
_OUR_FUNCTION = re.compile(r"\b(engines|pipeline)_\w+\(")  # in the database
_PARENT = re.compile(r"\(?\(?\(*(\w*_)?id = ")


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement as it was run."""

    sql: str
    values: Any
    school_id: UUID | None

    @property
    def reads(self) -> bool:
        """Say whether it changes nothing."""
        return self.sql.startswith("SELECT") and "FOR UPDATE" not in self.sql


@dataclass(slots=True)
class Caught:
    """The statements of some requests, each text once."""

    statements: dict[str, Statement] = field(default_factory=dict)

    def __call__(self, execute: Any, sql: str, values: Any, many: bool, context: Any) -> Any:
        """Keep a statement and run it."""
        self._keep(sql, values)
        return execute(sql, values, many, context)

    def _keep(self, sql: str, values: Any) -> None:
        try:
            school: UUID | None = scope.current()
        except NoSchool:
            school = None
        if _NAMED.match(sql) and isinstance(values, Mapping):
            school, sql = UUID(values["scope_school"]), _NAMED.sub("", sql)
        sql = _AHEAD.sub("", sql).strip()
        is_ours = "set_config" in sql or _OUR_FUNCTION.search(sql)  # what a function does is not explained
        if re.match(r"(SELECT|WITH|UPDATE|DELETE)\b", sql) and not is_ours:
            shape = re.sub(r"(%s(, )?)+", "%s", sql)  # a list of another length is the same statement
            self.statements.setdefault(shape, Statement(sql, values, school))


@contextmanager
def caught() -> Iterator[Caught]:
    """Catch every statement while the context lasts."""
    found = Caught()
    with connection.execute_wrapper(found):
        yield found


def sizes() -> dict[str, int]:
    """Return how many rows each table has."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, reltuples::bigint FROM pg_class WHERE relkind = 'r'")
        return dict(cursor.fetchall())


def complaints(
    statement: Statement, *, of_school: Mapping[str, int], tables: Mapping[str, int], most_known: int = 500
) -> list[str]:
    """Return what is wrong with a statement's plan.

    `of_school`: how many rows of each tenant table the school has; `tables`: how many there are of every table. A table
    of a school's may be read as far as the school's rows go, one outside the wall by its index.
    """
    found = []
    for node in _nodes(_plan(statement)):
        table = node.get("Relation Name")
        if table is None or tables.get(table, 0) < BIG:
            continue
        where = f"{node['Node Type']} on {table}"
        if node["Node Type"] == "Seq Scan":
            found.append(f"{where}, filtered by {node.get('Filter', 'nothing')}")
            continue
        if table not in of_school:
            continue
        condition = _index_condition(node)
        if "school_id = " not in condition and not _PARENT.match(condition):
            found.append(f"{where} by {node.get('Index Name')}: {condition or 'no condition'}")
        if node["Plan Rows"] > 3 * max(of_school[table], 10):
            found.append(f"{where} expects {node['Plan Rows']} rows, the school has {of_school[table]}")
        if "Actual Rows" in node:
            looked_at = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
            if looked_at > of_school[table]:
                found.append(f"{where} looked at {looked_at} rows, the school has {of_school[table]}")
            if node["Actual Loops"] > most_known:
                found.append(f"{where} was gone through {node['Actual Loops']} times")
    return found


def _plan(statement: Statement) -> dict[str, Any]:
    how = "ANALYZE, TIMING off, FORMAT JSON" if statement.reads else "FORMAT JSON"
    explain = f"EXPLAIN ({how}) {statement.sql}"
    if statement.school_id is None:
        with transaction.atomic():
            return _explained(explain, statement.values)
    with school_scope(SchoolId(statement.school_id)):
        return _explained(explain, statement.values)


def _explained(sql: str, values: Any) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        [row] = cursor.fetchall()
    told = row[0] if isinstance(row[0], list) else json.loads(row[0])
    plan: dict[str, Any] = told[0]["Plan"]
    return plan


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for each in plan.get("Plans", ()):
        yield from _nodes(each)


def _index_condition(node: dict[str, Any]) -> str:
    """Return what an index is entered by; a bitmap's stands in the nodes below it."""
    if "Index Cond" in node:
        return str(node["Index Cond"])
    return " ".join(str(each["Index Cond"]) for each in _nodes(node) if "Index Cond" in each)
