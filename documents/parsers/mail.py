"""A letter as a document, whatever program kept it: subject, who and when, body, and the files that came with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from documents.blocks import Attachment, Kind, ParsedDocument, Unreadable
from documents.parsers import mail_body, pictures
from documents.parsers.flow import Flow

NO_SUBJECT = "(sin asunto)"
NO_SENDER = "remitente desconocido"
MAX_HEADER_CHARS = 4_000
_MONTHS = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre",
    "noviembre", "diciembre",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Body:
    """One text of a letter, as its program wrote it once or twice."""

    plain: str = ""
    page: str = ""  # HTML


@dataclass(frozen=True, slots=True)
class Letter:
    subject: str
    sender: str
    to: str = ""
    copied: str = ""
    sent_at: datetime | None = None
    bodies: tuple[Body, ...] = ()
    pictures: Mapping[str, bytes] = field(default_factory=dict)  # those in the text, by content id
    files: tuple[Attachment, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()


def document(letter: Letter) -> ParsedDocument:
    """Return a letter as blocks: its subject as heading, a table of who and when, its body, the names of its files."""
    flow, shelf = Flow(), pictures.Shelf()
    flow.add(Kind.HEADING, letter.subject or NO_SUBJECT, level=1)
    head = [
        ("De", letter.sender[:MAX_HEADER_CHARS]),
        ("Para", letter.to[:MAX_HEADER_CHARS]),
        ("Con copia", letter.copied[:MAX_HEADER_CHARS]),
        ("Fecha", say_when(letter.sent_at) if letter.sent_at else ""),
        ("Asunto", letter.subject),
    ]
    flow.add_table([row for row in head if row[1].strip()])
    for body in letter.bodies:
        mail_body.add(flow, plain=body.plain, page=body.page, shelf=shelf, inline=letter.pictures)
    if letter.files:
        flow.add(Kind.HEADING, "Archivos adjuntos", level=2)
        for file in letter.files:
            flow.add(Kind.LIST_ITEM, f"• {file.name} ({say_size(len(file.content))})")
    return ParsedDocument(
        tuple(flow.blocks),
        letter.subject or None,
        None,
        unreadable=letter.unreadable,
        pictures=shelf.pictures,
        attachments=letter.files,
    )


def say_when(moment: datetime) -> str:
    """Return when a letter was sent, by the clock of whoever sent it."""
    said = f"{moment.day} de {_MONTHS[moment.month - 1]} de {moment.year}, {moment:%H:%M}"
    offset = moment.utcoffset()
    if offset is None:
        return said
    minutes = round(offset.total_seconds() / 60)
    if not minutes:
        return f"{said} (UTC)"
    hours, rest = divmod(abs(minutes), 60)
    return f"{said} (UTC{'+' if minutes > 0 else '−'}{hours}{f':{rest:02}' if rest else ''})"


def say_size(size_bytes: int) -> str:
    """Return a size for a person."""
    if size_bytes < 1000:
        return "1 byte" if size_bytes == 1 else f"{size_bytes} bytes"
    if size_bytes < 1000**2:
        return f"{round(size_bytes / 1000)} kB"
    return f"{size_bytes / 1000**2:.1f} MB".replace(".", ",")
