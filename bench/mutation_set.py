"""One good file and more of every kind that is taken, with the ways in which to damage it."""

import io
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from bench import mutators, table_set
from bench.mutators import Mutation
from documents.parsers import FileKind
from tests.documents import mail_files, office_files, spreadsheets
from tests.documents.files import Field, PdfPage, column, write_docx, write_pdf
from tests.planillas import hostile_own
from tests.transcription.sound_files import KINDS, pack, tone

SOUND_S = 1.5


@dataclass(frozen=True, slots=True)
class Good:
    """A file that is read well. `kind` None: not a document but a template of the school's own."""

    name: str
    kind: FileKind | None
    content: bytes
    ways: tuple[Mutation, ...]

    @property
    def is_slow(self) -> bool:
        """Say whether reading it starts LibreOffice."""
        return self.kind in (FileKind.DOC, FileKind.RTF)


def every(folder: Path, *, is_old_word_wanted: bool = True) -> list[Good]:
    """Return them all; old Word takes LibreOffice, and seconds, where it is wanted and there."""
    old = _old_word(folder) if is_old_word_wanted else []
    return [*pdfs(folder), *_office(folder), *old, *_texts(folder), *_pictures(), *_sounds(), *_own()]


def prose() -> PdfPage:
    """Return a page of prose."""
    return PdfPage(column([table_set.PROSE[at : at + 80] for at in range(0, len(table_set.PROSE), 80)]))


def pdfs(folder: Path) -> list[Good]:
    """Return PDFs: prose, columns, tables, forms, images, typeset ones."""
    form = PdfPage(
        column(["Apellido:", "Curso:"], step=30),
        fields=[Field("a", (150, 765, 300, 785), "Núñez"), Field("b", (150, 735, 162, 747), "Si", "Btn")],
    )
    ruled = PdfPage(
        column(["Curso", "Primero A"], x=80, top=660, step=30),
        [(72, 680 - 30 * n, 432, 680 - 30 * n) for n in range(4)],
    )
    mixed = [prose(), form, ruled, PdfPage(images=[(0, 0, 595, 842)]), PdfPage(column(["Dentro"]), rotate=90)]
    made = {"own": write_pdf(folder / "own.pdf", mixed).read_bytes()}
    for sample in table_set.samples(seed=1, each=1)[:2]:
        made[sample.name] = sample.write(folder / "table.pdf").read_bytes()
    plain = table_set.plain()
    made |= {name: plain[name] for name in ("two columns", "index with dots")}
    return [Good(f"{name}.pdf", FileKind.PDF, content, mutators.OF_PDF) for name, content in made.items()]


def _office(folder: Path) -> list[Good]:
    docx = write_docx(folder / "a.docx", _fill_document).read_bytes()
    golden = spreadsheets.GOLDENS["nómina"]
    odt = (
        '<text:h text:outline-level="1">Régimen</text:h><text:p>Norma <text:span>uno</text:span></text:p>'
        '<text:list><text:list-item><text:p>Ítem</text:p></text:list-item></text:list><table:table table:name="t">'
        '<table:table-row><table:table-cell table:number-columns-repeated="3"><text:p>a</text:p></table:table-cell>'
        "</table:table-row></table:table>"
    )
    odp = (
        '<draw:page draw:name="1"><draw:frame svg:x="1cm" svg:y="1cm" svg:width="9cm" svg:height="3cm">'
        "<draw:text-box><text:p>Reunión</text:p></draw:text-box></draw:frame></draw:page>"
    )
    return [
        Good("acta.docx", FileKind.DOCX, docx, mutators.OF_ZIP),
        Good(
            "nomina.xlsx",
            FileKind.XLSX,
            spreadsheets.write_xlsx(folder / "a.xlsx", golden).read_bytes(),
            mutators.OF_ZIP,
        ),
        Good(
            "nomina.xls",
            FileKind.XLS,
            spreadsheets.write_xls(folder / "a.xls", golden).read_bytes(),
            mutators.ANY,
        ),
        Good(
            "nomina.ods",
            FileKind.ODS,
            spreadsheets.write_ods(folder / "a.ods", golden).read_bytes(),
            mutators.OF_ZIP,
        ),
        Good(
            "charla.pptx",
            FileKind.PPTX,
            office_files.write_pptx(folder / "a.pptx", _fill_slides).read_bytes(),
            mutators.OF_ZIP,
        ),
        Good(
            "norma.odt",
            FileKind.ODT,
            office_files.write_odf(folder / "a.odt", "text", odt).read_bytes(),
            mutators.OF_ZIP,
        ),
        Good(
            "charla.odp",
            FileKind.ODP,
            office_files.write_odf(folder / "a.odp", "presentation", odp).read_bytes(),
            mutators.OF_ZIP,
        ),
    ]


def _old_word(folder: Path) -> list[Good]:
    converter = shutil.which("soffice")
    if converter is None:
        return []
    write_docx(folder / "a.docx", _fill_document)
    found = []
    for kind, to in ((FileKind.DOC, "doc"), (FileKind.RTF, "rtf")):
        home = f"-env:UserInstallation=file://{folder}/home"
        command = [converter, home, "--headless", "--convert-to", to, "--outdir", str(folder), "a.docx"]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
        ways = mutators.ANY if kind is FileKind.DOC else mutators.OF_TEXT
        found.append(Good(f"acta.{to}", kind, (folder / f"a.{to}").read_bytes(), ways))
    return found


def _fill_document(document: Any) -> None:
    document.add_heading("Acta 14", 1)
    document.add_paragraph("Se reunió el consejo.").add_run(" Firman todos.").bold = True
    document.add_paragraph("Primero", style="List Number")
    table = document.add_table(2, 3)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "Nombre"
    table.cell(1, 2).text = "7,50"
    document.add_picture(io.BytesIO(office_files.saved(Image.new("RGB", (40, 30), "navy"), "PNG")))
    document.sections[0].header.paragraphs[0].text = "Escuela Norte"


def _fill_slides(presentation: Any) -> None:
    slide = presentation.slides.add_slide(presentation.slide_layouts[1])
    slide.shapes.title.text = "Salida educativa"
    slide.placeholders[1].text = "Museo\nTeatro"
    slide.notes_slide.notes_text_frame.text = "Avisar antes"
    slide.shapes.add_table(2, 2, 100_000, 100_000, 3_000_000, 900_000).table.cell(0, 0).text = "Curso"


def _texts(folder: Path) -> list[Good]:
    page = (
        "<!DOCTYPE html><html><head><title>Norma</title></head><body><h1>Uno</h1><p>Texto &amp; más</p><ul><li>a<ul>"
        "<li>b</ul></ul><table><tr><th colspan=2>Curso<td rowspan=3>1</table><img src='a.png' alt='x'></body></html>"
    )
    dot = office_files.saved(Image.new("RGB", (40, 30), "navy"), "PNG")
    letter = mail_files.letter(
        plain="Hola",
        page=page,
        files=[("lista.csv", b"a;b\n1;2\n")],
        letters=[mail_files.letter(plain="Ayer")],
    )
    outlook = mail_files.OutlookLetter(
        "Salida",
        mail_files.Person("Ana", "ana@norte.example"),
        [mail_files.Person("Beto", "beto@norte.example")],
        plain="Hola",
        page=page.encode(),
        files=[mail_files.OutlookFile("lista.csv", b"a;b\n1;2\n")],
    )
    chapters = [mail_files.Chapter("uno.xhtml", "<h1>Uno</h1><p>Texto</p>", "Uno")]
    book = mail_files.write_epub(folder / "a.epub", chapters, pictures={"p.png": dot})
    saved = mail_files.write_mhtml(folder / "a.mhtml", page, address="https://norte.example/")
    members = {
        "acta.md": b"# Acta",
        "dentro/lista.csv": b"a;b\n1;2\n",
        "otro.zip": mail_files.zipped({"a.txt": b"x"}),
    }
    csv = 'Nombre;Nota\n«Núñez, Ana»;7,50\n"Paz\nBeto";8\n'.encode("cp1252") * 20
    return [
        Good("lista.csv", FileKind.CSV, csv, mutators.OF_TEXT),
        Good("norma.txt", FileKind.TEXT, ("Norma uno.\n\n1. Ítem\n" * 30).encode(), mutators.OF_TEXT),
        Good(
            "norma.md",
            FileKind.MARKDOWN,
            b"# Uno\n\n- a\n  - b\n\n| a | b |\n|---|---|\n| 1 | 2 |\n",
            mutators.OF_TEXT,
        ),
        Good("norma.html", FileKind.HTML, page.encode(), mutators.OF_TAGS),
        Good("norma.mhtml", FileKind.MHTML, saved.read_bytes(), mutators.OF_TAGS),
        Good("libro.epub", FileKind.EPUB, book.read_bytes(), mutators.OF_ZIP),
        Good("carta.eml", FileKind.EML, letter.as_bytes(), mutators.OF_TAGS),
        Good(
            "carta.msg",
            FileKind.MSG,
            mail_files.write_msg(folder / "a.msg", outlook).read_bytes(),
            mutators.ANY,
        ),
        Good("todo.zip", FileKind.ZIP, mail_files.zipped(members), mutators.OF_ZIP),
    ]


def _pictures() -> list[Good]:
    import pi_heif

    image = Image.effect_noise((90, 60), 60).convert("RGB")
    made = {
        form.lower(): office_files.saved(image, form)
        for form in ("PNG", "JPEG", "TIFF", "WEBP", "BMP", "GIF")
    }
    pages = io.BytesIO()
    image.save(pages, "TIFF", save_all=True, append_images=[image, image], compression="tiff_lzw")
    made["pages.tiff"] = pages.getvalue()
    assert pi_heif  # it reads HEIC and writes none: a file of it would have to be kept
    return [Good(f"foto.{name}", FileKind.IMAGE, content, mutators.ANY) for name, content in made.items()]


def _sounds() -> list[Good]:
    found = []
    for made in KINDS:
        kind = FileKind.VIDEO if made.pictures else FileKind.SOUND
        found.append(Good(made.name, kind, pack(made, tone(SOUND_S)), mutators.ANY))
    return found


def _own() -> list[Good]:
    own: dict[str, Callable[[], bytes]] = {
        "propia.xlsx": hostile_own.book,
        "propia.docx": hostile_own.document,
        "propia.ods": hostile_own.ods,
    }
    return [Good(name, None, make(), mutators.OF_ZIP) for name, make in own.items()]
