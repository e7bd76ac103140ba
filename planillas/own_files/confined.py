"""A stranger's file recognised and filled in a child process, where it can hang, fill or crash nothing of the portal.

Over the pipe come JSON and bytes: nothing in it can be code, and what it says is doubted as the file is.
"""

import json
import struct
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import IO, Any

from django.urls import reverse
from django.utils.translation import gettext as _

from documents.parsers import sandbox
from documents.parsers.base import MIB, ParseTimeout, ParseTooBig, Unparsable
from planillas import cells, columns
from planillas.cells import Cells
from planillas.exports.sheet import Sheet
from planillas.own_files import filling, recognising
from planillas.own_files.recognised import FORMATS, NotFillable, Recognised, TooBigFile, TooManyRows

RECOGNISING = sandbox.Limits(wall_s=60.0, cpu_s=40, memory_bytes=1_024 * MIB, result_bytes=160 * MIB)
FILLING = sandbox.Limits(wall_s=300.0, cpu_s=240, memory_bytes=1_536 * MIB, result_bytes=512 * MIB)

_LENGTH = struct.Struct(">I")
_REFUSALS: dict[str, type[NotFillable]] = {
    each.__name__: each for each in (NotFillable, TooBigFile, TooManyRows)
}


def recognise(
    content: bytes,
    filename: str,
    *,
    limits: sandbox.Limits = RECOGNISING,
    using: Callable[..., Recognised] | None = None,
) -> Recognised:
    """Return a file as a template; raise NotFillable, also where it hangs, eats memory or kills its reader."""
    read = using or recognising.recognise

    def work() -> tuple[Any, bytes]:
        found = read(content, filename)
        told = {
            "format": found.format,
            "filename": found.filename,
            "columns": columns.to_json(found.columns),
            "row_is": found.row_is,
            "layout": found.layout,
            "told": found.told,
        }
        return told, found.content

    head, cleaned = _away(work, limits)
    try:
        if head["format"] not in FORMATS or not isinstance(head["layout"], dict):
            raise ValueError(head["format"])
        return Recognised(
            format=head["format"],
            filename=str(head["filename"]),
            content=cleaned,
            columns=columns.from_json(head["columns"]),
            row_is=str(head["row_is"]),
            layout=head["layout"],
            told=tuple(map(str, head["told"])),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _crashed() from error


def fill(
    content: bytes, layout: Mapping[str, Any], sheet: Sheet, *, limits: sandbox.Limits = FILLING
) -> bytes:
    """Return the file with the planilla in it; raise NotFillable or TooManyRows.

    The rows lie in a file meanwhile: the child has no way to the database, nor memory for all of them.
    """
    reverse("documents:library", args=[sheet.slug])  # loads the addresses here, once, and not in each child
    with tempfile.TemporaryFile() as rows:
        for each in sheet.rows():
            packed = cells.pack(each)
            rows.write(
                json.dumps([packed.cells, packed.sources], ensure_ascii=False).encode("utf-8", "replace")
            )
            rows.write(b"\n")
        rows.flush()
        given = replace(sheet, rows=lambda: _rows(rows))
        return _away(lambda: (None, filling.fill(content, layout, given)), limits, keep=rows.fileno())[1]


def _rows(file: IO[bytes]) -> Iterator[Cells]:
    file.seek(0)
    for line in file:
        yield cells.unpack(*json.loads(line))


def _away(
    work: Callable[[], tuple[Any, bytes]], limits: sandbox.Limits, *, keep: int | None = None
) -> tuple[Any, bytes]:
    """Return what `work` returns in a confined child; raise what it refused with."""

    def answer(_report: object) -> bytes:
        try:
            told, content = work()
        except NotFillable as error:
            told, content = {"refused": [type(error).__name__, error.detail, error.code, error.field]}, b""
        head = json.dumps(told, ensure_ascii=False).encode("utf-8", "replace")
        return _LENGTH.pack(len(head)) + head + content

    try:
        said = sandbox.run_raw(answer, limits=limits, keep=() if keep is None else (keep,))
    except Unparsable as error:
        raise _refused(error) from error
    try:
        (length,) = _LENGTH.unpack_from(said)
        head = json.loads(said[_LENGTH.size : _LENGTH.size + length])
        refused = head.get("refused") if isinstance(head, dict) else None
        if refused is not None:
            name, detail, code, field = refused
            raise _REFUSALS[str(name)](
                str(detail), code=str(code), field=None if field is None else str(field)
            )
    except (ValueError, KeyError, TypeError, struct.error) as error:
        raise _crashed() from error
    return head, said[_LENGTH.size + length :]


def _refused(error: Unparsable) -> NotFillable:
    if isinstance(error, ParseTimeout):
        return NotFillable(
            _(
                "La lectura de la plantilla tardó demasiado y se detuvo. Quitarle hojas o datos y volver a subirla."
            ),
            code="template_timeout",
        )
    if isinstance(error, ParseTooBig):
        return TooBigFile(
            _("La plantilla necesita demasiada memoria. Quitarle datos o imágenes y volver a subirla.")
        )
    return _crashed()


def _crashed() -> NotFillable:
    return NotFillable(
        _(
            "El archivo hizo fallar al lector: puede estar dañado. Abrirlo, guardarlo de nuevo y volver a subirlo."
        ),
        code="template_crashed",
    )
