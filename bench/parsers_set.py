"""Letters, pages and books of a school with what is written in them, for comparing those who read them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.documents import mail_files
from tests.documents.mail_files import Chapter, OutlookFile, OutlookLetter, Person, letter

Rows = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Said:
    """One piece of a document as a person reads it; of a table its rows, a cell over several rows in each of them."""

    kind: str  # as documents.blocks.Kind has it
    text: str
    rows: Rows = ()


@dataclass(frozen=True, slots=True)
class Sample:
    name: str  # with the ending of its kind
    write: Callable[[Path], Path]
    said: Sequence[Said]


def _p(text: str) -> Said:
    return Said("paragraph", text)


def _h(text: str) -> Said:
    return Said("heading", text)


def _li(text: str) -> Said:
    return Said("list_item", text)


def _q(text: str) -> Said:
    return Said("quote", text)


def _table(rows: Rows) -> Said:
    return Said("table", "\n".join(" ".join(filter(None, row)) for row in rows), rows)


_ROWS: Rows = (
    ("Día", "Turno", ""),
    ("Día", "Mañana", "Tarde"),
    ("Lunes", "Música", "Plástica"),
    ("Lunes", "Ajedrez", "Huerta"),
)
_TRIP = (
    "El viernes 20 de marzo las secciones de 5.º año visitarán el Museo de Ciencias Naturales, en el marco del"
    " proyecto «Nuestro suelo»."
)
_TIMES = (
    "La salida es a las 8:30 desde la puerta de la calle Güemes; el regreso está previsto para las 12:15."
)
_FEE = "El transporte cuesta $ 4.500 por estudiante y puede abonarse en secretaría hasta el miércoles 18."
_ABSENCE = (
    "Quien supere las veinticinco (25) inasistencias injustificadas perderá la condición de alumno regular."
)
_RETURN = "La familia podrá pedir la reincorporación por escrito dentro de los cinco días hábiles."
_BRING = ("Autorización firmada", "Vianda y botella de agua", "Campera liviana")
_PLAIN = (
    f"Estimadas familias:\n\n{_TRIP}\n\n{_TIMES}\n\n"
    + "\n".join(f"- {each}" for each in _BRING)
    + f"\n\n{_FEE}\n"
)
_PAGE = (
    f"<html><head><style>p{{margin:0}}</style></head><body><p>Estimadas familias:</p><p>{_TRIP}</p><p>{_TIMES}</p>"
    f"<ul>{''.join(f'<li>{each}</li>' for each in _BRING)}</ul><p>{_FEE}</p></body></html>"
)
_LETTER = [_p("Estimadas familias:"), _p(_TRIP), _p(_TIMES), *map(_li, _BRING), _p(_FEE)]
_CIRCULAR = (
    "<!doctype html><html><head><meta charset='utf-8'><title>Circular 12</title></head><body>"
    "<nav><a href='/'>Inicio</a> <a href='/c'>Circulares</a></nav><main><h1>Circular N.º 12/2026</h1>"
    f"<p>{_TRIP}</p><h2>Horarios</h2><p>{_TIMES}</p>{{table}}<h2>Qué traer</h2>"
    f"<ol>{''.join(f'<li>{each}</li>' for each in _BRING)}</ol><p>{_FEE}</p></main></body></html>"
)
_TABLE_HTML = mail_files.TIMETABLE[
    mail_files.TIMETABLE.index("<table>") : mail_files.TIMETABLE.index("<p>Gracias")
]
_CIRCULAR_SAID = [
    _h("Circular N.º 12/2026"), _p(_TRIP), _h("Horarios"), _p(_TIMES), _table(_ROWS), _h("Qué traer"),
    *map(_li, _BRING), _p(_FEE),
]  # fmt: skip


def samples() -> list[Sample]:
    """Return three of each kind."""
    return [*_letters(), *_outlook(), *_pages(), *_books()]


def _letters() -> list[Sample]:
    asked = (
        "El mié, 11 mar 2026 a las 9:00, Beto Núñez <beto@norte.example>\nescribió:\n> ¿A qué hora salimos?\n"
    )
    old = (
        b"From: =?iso-8859-1?Q?Secretar=EDa?= <s@norte.example>\r\nSubject: Aviso\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: text/plain; charset=us-ascii\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    ) + f"{_TRIP}\r\n\r\n{_ABSENCE}\r\n".encode("cp1252")
    table = letter(plain="Ver el horario en HTML.", page=mail_files.TIMETABLE)
    answer = letter(plain=f"{_TIMES}\n\n{asked}")
    sent = letter(plain=_PLAIN, page=_PAGE)
    return [
        Sample("circular.eml", lambda path: mail_files.write_eml(path, sent), _LETTER),
        Sample(
            "respuesta.eml",
            lambda path: mail_files.write_eml(path, answer),
            [
                _p(_TIMES),
                _q("El mié, 11 mar 2026 a las 9:00, Beto Núñez <beto@norte.example> escribió:"),
                _q("¿A qué hora salimos?"),
            ],
        ),
        Sample(
            "horario.eml",
            lambda path: mail_files.write_eml(path, table),
            [_p("Nuevo horario:"), _table(_ROWS), _p("Gracias.")],
        ),
        Sample("vieja.eml", lambda path: mail_files.write_eml(path, old), [_p(_TRIP), _p(_ABSENCE)]),
    ]


def _outlook() -> list[Sample]:
    ana, beto = Person("Ana Pérez", "ana@norte.example"), Person("Beto Núñez", "beto@norte.example")
    at = datetime(2026, 3, 12, 13, 15, tzinfo=UTC)
    plain = OutlookLetter("Salida", ana, [beto], at, plain=_PLAIN.replace("\n", "\r\n"))
    page = OutlookLetter(
        "Horario",
        ana,
        [beto],
        at,
        plain="Ver el horario.",
        page=mail_files.TIMETABLE.encode("cp1252"),
        page_code=1252,
    )
    old = OutlookLetter(
        "Régimen", ana, [beto], at, plain=f"{_ABSENCE}\r\n\r\n{_RETURN}\r\n", is_narrow=True,
        files=[OutlookFile("régimen.txt", _ABSENCE.encode())],
    )  # fmt: skip
    return [
        Sample("circular.msg", lambda path: mail_files.write_msg(path, plain), _LETTER),
        Sample(
            "horario.msg",
            lambda path: mail_files.write_msg(path, page),
            [_p("Nuevo horario:"), _table(_ROWS), _p("Gracias.")],
        ),
        Sample("vieja.msg", lambda path: mail_files.write_msg(path, old), [_p(_ABSENCE), _p(_RETURN)]),
    ]


def _pages() -> list[Sample]:
    circular = _CIRCULAR.format(table=_TABLE_HTML)
    old = (
        circular.replace("<meta charset='utf-8'>", "").replace("<main>", "<div>").replace("</main>", "</div>")
    )
    loose = f"<div>{_TRIP}<br><br><b>{_ABSENCE}</b></div><blockquote><p>{_RETURN}</p></blockquote>"
    return [
        Sample("circular.html", lambda path: _written(path, circular.encode()), _CIRCULAR_SAID),
        Sample("vieja.html", lambda path: _written(path, old.encode("cp1252")), _CIRCULAR_SAID),
        Sample(
            "suelta.html",
            lambda path: _written(path, f"<html><body>{loose}</body></html>".encode()),
            [_p(f"{_TRIP} {_ABSENCE}"), _q(_RETURN)],
        ),
        Sample(
            "circular.mhtml",
            lambda path: mail_files.write_mhtml(path, circular, address="https://norte.example/12"),
            _CIRCULAR_SAID,
        ),
    ]


def _books() -> list[Sample]:
    rules = [
        Chapter("c1.xhtml", f"<h1>Inasistencias</h1><p>{_ABSENCE}</p><p>{_RETURN}</p>", "Inasistencias"),
        Chapter("c2.xhtml", f"<h1>Horarios</h1>{_TABLE_HTML}", "Horarios"),
    ]
    told = [
        Chapter("c1.xhtml", f"<p>{_TRIP}</p>", "Capítulo 1: La salida"),
        Chapter(
            "c2.xhtml", f"<p>{_TIMES}</p><blockquote><p>{_FEE}</p></blockquote>", "Capítulo 2: La vuelta"
        ),
    ]
    items = "".join(f"<li>{each}</li>" for each in _BRING)
    lists = [Chapter("c1.xhtml", f"<h2>Qué traer</h2><ul>{items}</ul><p>{_FEE}</p>", "Qué traer")]
    return [
        Sample(
            "reglamento.epub",
            lambda path: mail_files.write_epub(path, rules),
            [_h("Inasistencias"), _p(_ABSENCE), _p(_RETURN), _h("Horarios"), _table(_ROWS)],
        ),
        Sample(
            "relato.epub",
            lambda path: mail_files.write_epub(path, told),
            [_h("Capítulo 1: La salida"), _p(_TRIP), _h("Capítulo 2: La vuelta"), _p(_TIMES), _q(_FEE)],
        ),
        Sample(
            "listas.epub",
            lambda path: mail_files.write_epub(path, lists),
            [_h("Qué traer"), *map(_li, _BRING), _p(_FEE)],
        ),
    ]


def _written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path
