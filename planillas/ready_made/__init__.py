"""The templates that come with the product: a file each, which a school copies and makes its own.

Planillas have columns (see planillas.columns), reports sections; whoever adds one writes its file and its name here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from planillas import columns
from planillas.columns import Column

# In the order in which they are offered; each is the name of its file.
_PLANILLAS = (
    "nomina-de-alumnos",
    "asistencia-mensual",
    "calificaciones-por-trimestre",
    "acuerdos-de-reuniones",
    "inventario",
    "plan-de-accion",
)
_REPORTS = ("informe-de-convivencia", "acta", "memoria-anual", "plan-de-accion-informe")
_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class ReadyMade:
    """A template of planillas that a school may copy."""

    name: str
    title: str
    purpose: str
    row_is: str
    rows_expected: int | None
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class ReadyMadeReport:
    """A template of reports. `sections`: {"key", "title", "prompt", "words", "kind"}."""

    name: str
    title: str
    purpose: str
    sections: tuple[Mapping[str, Any], ...]


@cache
def planillas() -> tuple[ReadyMade, ...]:
    """Return the ready-made templates of planillas."""
    return tuple(_planilla(name, _read(name)) for name in _PLANILLAS)


@cache
def reports() -> tuple[ReadyMadeReport, ...]:
    """Return the ready-made templates of reports."""
    return tuple(_report(name, _read(name)) for name in _REPORTS)


def _planilla(name: str, told: Mapping[str, Any]) -> ReadyMade:
    return ReadyMade(
        name=name,
        title=told["title"],
        purpose=" ".join(told["purpose"].split()),
        row_is=told["row_is"],
        rows_expected=told.get("rows_expected"),
        columns=columns.from_json(told["columns"]),
    )


def _report(name: str, told: Mapping[str, Any]) -> ReadyMadeReport:
    sections = [
        {**each, "kind": each.get("kind", "text"), "prompt": " ".join(each.get("prompt", "").split())}
        for each in told["sections"]
    ]
    return ReadyMadeReport(
        name=name,
        title=told["title"],
        purpose=" ".join(told["purpose"].split()),
        sections=tuple(sections),
    )


def _read(name: str) -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((_FOLDER / f"{name}.yaml").read_text("utf-8"))
    return read
