"""An evidence pack: one ZIP with a text, the sources it rests on, and a manifest that a small program verifies."""

import hashlib
import json
import re
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _

from documents import library, originals, places, reading, scan
from documents.models import Block
from documents.places import Place
from schools.admission import Member
from schools.models import School
from schools.scope import school_scope

FORMAT = "preceptor-evidence/1"
# Originals travel with the pack up to here, all of them together; the rest is named with its SHA-256 alone.
ORIGINALS_MOST_BYTES = 200 * 1000**2
BLOCKS_AT_ONCE = 500
_PIECE = 1 << 20
_CHECK = Path(__file__).with_name("pack_check.py")
_UNSAFE = re.compile(r"[^\w.\- ]+")


@dataclass(frozen=True, slots=True)
class Proof:
    """That a source says something. `of`: which sentence, cell or footnote of the text rests on it."""

    of: str
    document_id: UUID
    place: Place | None
    quote: str
    block: int | None = None  # the ordinal of its block, where it is known
    passage: str = ""  # the text that it was taken from, where that is no one block
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Packing:
    """A pack on its way. `kind`: answer, planilla or report; `facts`: what the manifest tells beside."""

    member: Member
    kind: str
    subject_id: UUID
    title: str
    facts: Mapping[str, Any]
    _file: IO[bytes] = field(default_factory=lambda: tempfile.TemporaryFile())  # noqa: SIM115 – handed on
    _listed: list[dict[str, Any]] = field(default_factory=list)
    _sources: list[dict[str, Any]] = field(default_factory=list)
    _zip: zipfile.ZipFile = field(init=False)

    def __post_init__(self) -> None:
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED)

    def add(self, path: str, pieces: bytes | Iterable[bytes]) -> str:
        """Write a file; return its SHA-256."""
        digest, size = hashlib.sha256(), 0
        with self._zip.open(path, "w", force_zip64=True) as file:
            for piece in [pieces] if isinstance(pieces, bytes) else pieces:
                digest.update(piece)
                size += len(piece)
                file.write(piece)
        self._listed.append({"path": path, "sha256": digest.hexdigest(), "bytes": size})
        return digest.hexdigest()

    def add_proofs(self, proofs: Iterable[Proof]) -> None:
        """Write what rests on what, with the passages that the quotes were taken from and the originals."""
        read: dict[tuple[UUID, int], None] = {}
        given: dict[str, str] = {}
        cited: dict[UUID, None] = {}

        def lines() -> Iterator[bytes]:
            for each in proofs:
                cited.setdefault(each.document_id)
                name = None
                if each.passage:
                    name = f"{each.document_id}/{hashlib.sha256(each.passage.encode()).hexdigest()[:12]}"
                    given[name] = each.passage
                elif each.block is not None:
                    name = f"{each.document_id}/{each.block}"
                    read.setdefault((each.document_id, each.block))
                yield _line(
                    {
                        "of": each.of,
                        "document_id": str(each.document_id),
                        "place": places.to_json(each.place) if each.place else None,
                        "place_in_words": reading.say(each.place),
                        "quote": each.quote,
                        "passage": name,
                        **each.facts,
                    }
                )

        self.add("evidencia.jsonl", lines())
        told = (_line({"id": name, "text": text}) for name, text in given.items())
        self.add("pasajes.jsonl", chain(told, self._passages(list(read))))
        self._originals(list(cited))

    def finish(self) -> IO[bytes]:
        """Write the manifest and what verifies it; return the file, at its beginning."""
        self.add("LEEME.txt", _read_me(self.title).encode())
        self.add("verificar.py", _CHECK.read_bytes())
        with school_scope(self.member.school_id):
            school = School.objects.get(pk=self.member.school_id)
        manifest = {
            "format": FORMAT,
            "kind": self.kind,
            "id": str(self.subject_id),
            "title": self.title,
            "school": {"slug": school.slug, "name": school.name},
            "made_at": timezone.now().isoformat(timespec="seconds"),
            **self.facts,
            "sources": self._sources,
            "files": self._listed,
        }
        self._zip.writestr("manifest.json", json.dumps(manifest, ensure_ascii=False, indent=2))
        self._zip.close()
        self._file.seek(0)
        return self._file

    def _passages(self, wanted: Sequence[tuple[UUID, int]]) -> Iterator[bytes]:
        by_document: dict[UUID, list[int]] = {}
        for document_id, block in wanted:
            by_document.setdefault(document_id, []).append(block)
        for document_id, ordinals in by_document.items():
            for at in range(0, len(ordinals), BLOCKS_AT_ONCE):
                # Only of what the member may read now: a quote may outlive the right to see its document.
                with school_scope(self.member.school_id):
                    seen = library.visible(self.member).filter(pk=document_id)
                    rows = list(
                        Block.objects.filter(
                            document__in=seen, ordinal__in=ordinals[at : at + BLOCKS_AT_ONCE]
                        ).values_list("ordinal", "text")
                    )
                for ordinal, text in sorted(rows):
                    yield _line({"id": f"{document_id}/{ordinal}", "text": text})

    def _originals(self, cited: Sequence[UUID]) -> None:
        left = ORIGINALS_MOST_BYTES
        known = {entry.id: entry.document for entry in library.some(self.member, cited)}
        for number, document_id in enumerate(cited, start=1):
            document = known.get(document_id)
            if document is None:
                gone = {
                    "id": str(document_id),
                    "sha256": None,
                    "path": None,
                    "why": _("ya no está en la biblioteca"),
                }
                self._sources.append(gone)
                continue
            told: dict[str, Any] = {
                "id": str(document.pk),
                "title": document.title,
                "filename": document.filename,
                "sha256": document.sha256,
                "bytes": document.size_bytes,
                "path": None,
            }
            if document.size_bytes > left:
                told["why"] = _("pesa demasiado para ir en el paquete")
            elif not scan.is_sendable(document):
                told["why"] = _("el antivirus no lo dio por limpio")
            else:
                try:
                    file = default_storage.open(document.file_key, "rb")
                except FileNotFoundError:
                    told["why"] = _("su archivo ya no está")
                else:
                    with file:
                        if file.size != document.size_bytes:
                            told["why"] = _("su archivo está dañado")
                        else:
                            told["path"] = f"fuentes/{number:03d} {_safe(document.filename)}"
                            self.add(told["path"], iter(partial(file.read, _PIECE), b""))
                            left -= document.size_bytes
            self._sources.append(told)


def respond(request: HttpRequest, packed: IO[bytes], subject_id: UUID) -> HttpResponseBase:
    """Return a finished pack as a download."""
    name = f"evidencia-{timezone.localdate().isoformat()}-{str(subject_id)[-6:]}.zip"
    return originals.respond_from(request, File(packed), media="application/zip", filename=name)


def _line(told: Mapping[str, Any]) -> bytes:
    return json.dumps(told, ensure_ascii=False).encode() + b"\n"


def _safe(name: str) -> str:
    """Return a file's name that no system and no unpacker stumbles over."""
    stem, dot, ending = name.rpartition(".")
    tidied = _UNSAFE.sub("_", stem or ending).strip(" .")[:80]
    # Disks count a name in bytes, of which a letter may have four: 255 with what stands before and after.
    tidied = tidied.encode()[:200].decode("utf-8", "ignore") or "documento"
    return f"{tidied}.{_UNSAFE.sub('_', ending)[:10]}" if dot and stem else tidied


def _read_me(title: str) -> str:
    return (
        _(
            "Paquete de evidencia: %s\n\n"
            "manifest.json     qué hay en el paquete, con el SHA-256 de cada archivo\n"
            "evidencia.jsonl   en qué se apoya cada afirmación o celda: documento, lugar y cita, una por línea\n"
            "pasajes.jsonl     el texto de donde se tomó cada cita, como se leyó\n"
            "llamadas.json     qué motores trabajaron, cuándo y a qué costo\n"
            "fuentes/          los archivos originales\n"
            "verificar.py      comprueba que nada cambió: python3 verificar.py\n"
        )
        % title
    )
