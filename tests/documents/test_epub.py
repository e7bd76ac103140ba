from pathlib import Path

import pytest

from documents.blocks import Kind
from documents.parsers import FileKind, base, epub, sandbox
from tests.documents import mail_files
from tests.documents.files import rewrite_zip
from tests.documents.mail_files import TIMETABLE_ROWS, Chapter, kinds, write_epub

TIMETABLE = (
    '<table><tr><th rowspan="2">Día</th><th colspan="2">Turno</th></tr><tr><th>Mañana</th><th>Tarde</th></tr>'
    '<tr><td rowspan="2">Lunes</td><td>Música</td><td>Plástica</td></tr><tr><td>Ajedrez</td><td>Huerta</td></tr>'
    "</table>"
)


def test_a_book_is_read_in_its_order_with_its_pictures_and_notes(tmp_path: Path) -> None:
    chapters = [
        Chapter(
            "texto/uno.xhtml",
            "<section epub:type='chapter'><h1>Acuerdos de convivencia</h1><p>Se acuerdan entre <em>todos</em>.</p>"
            "<p>Ver la nota.<a id='ref1'/><img src='../mapa.png' alt='Plano de la escuela'/></p>"
            "<aside epub:type='footnote'><p>Ley 26.892.</p></aside></section>",
            "Acuerdos",
        ),
        Chapter(
            "texto/dos.xhtml",
            "<h1>Sanciones</h1><ol start='3'><li>Diálogo</li><li>Reparación</li></ol>",
            "Sanciones",
        ),
    ]
    path = write_epub(tmp_path / "a.epub", chapters, pictures={"mapa.png": mail_files.picture()})
    document = epub.parse(path)
    assert document.title == "Manual de convivencia"
    assert document.pages is None
    assert kinds(document) == [
        (Kind.HEADING, 1, "Acuerdos de convivencia"),
        (Kind.PARAGRAPH, 0, "Se acuerdan entre todos."),
        (Kind.PARAGRAPH, 0, "Ver la nota."),
        (Kind.PICTURE, 0, "Plano de la escuela"),
        (Kind.NOTE, 0, "Ley 26.892."),
        (Kind.HEADING, 1, "Sanciones"),
        (Kind.LIST_ITEM, 0, "3. Diálogo"),
        (Kind.LIST_ITEM, 0, "4. Reparación"),
    ]


@pytest.mark.parametrize("has_nav", [True, False])
def test_chapters_without_a_heading_get_the_one_of_the_contents(tmp_path: Path, has_nav: bool) -> None:
    chapters = [
        Chapter("c1.xhtml", "<p>Había una vez una escuela en Ñorquincó.</p>", "Capítulo 1: La llegada"),
        Chapter("c2.xhtml", f"<div>{TIMETABLE}</div>", "Capítulo 2: El horario"),
        Chapter("c3.xhtml", "<p/>"),
    ]
    document = epub.parse(
        write_epub(tmp_path / "a.epub", chapters, title="La escuela del sur", has_nav=has_nav)
    )
    assert document.title == "La escuela del sur"
    assert kinds(document) == [
        (Kind.HEADING, 1, "Capítulo 1: La llegada"),
        (Kind.PARAGRAPH, 0, "Había una vez una escuela en Ñorquincó."),
        (Kind.HEADING, 1, "Capítulo 2: El horario"),
        (Kind.TABLE, 2, TIMETABLE_ROWS),
    ]


def test_a_protected_book_says_so_and_one_with_hidden_fonts_is_read(tmp_path: Path) -> None:
    def encryption(algorithm: str) -> dict[str, str]:
        return {
            "META-INF/encryption.xml": "<encryption xmlns='urn:oasis:names:tc:opendocument:xmlns:container' "
            "xmlns:enc='http://www.w3.org/2001/04/xmlenc#'><enc:EncryptedData>"
            f"<enc:EncryptionMethod Algorithm='{algorithm}'/></enc:EncryptedData></encryption>"
        }

    chapters = [Chapter("c1.xhtml", "<p>Texto.</p>", "Uno")]
    fonts = encryption("http://www.idpf.org/2008/embedding")
    assert epub.parse(write_epub(tmp_path / "a.epub", chapters, parts=fonts)).blocks
    locked = write_epub(
        tmp_path / "b.epub", chapters, parts=encryption("http://www.w3.org/2001/04/xmlenc#aes128-cbc")
    )
    with pytest.raises(base.Encrypted, match="protegido contra copias"):
        epub.parse(locked)


def test_a_book_cannot_reach_out_of_itself(tmp_path: Path) -> None:
    chapters = [
        Chapter(
            "c1.xhtml",
            "<p>Texto.</p><img src='../../../etc/hostname' alt='x'/><img src='file:///etc/passwd'/>",
        ),
        Chapter("../../../../etc/passwd", "<p>Afuera</p>"),
    ]
    document = sandbox.parse(write_epub(tmp_path / "a.epub", chapters), FileKind.EPUB)
    assert kinds(document) == [(Kind.PARAGRAPH, 0, "Texto.")]


@pytest.mark.parametrize("part", [epub.CONTAINER, "OEBPS/libro.opf"])
def test_a_book_that_defines_words_of_its_own_is_refused(tmp_path: Path, part: str) -> None:
    path = write_epub(tmp_path / "a.epub", [Chapter("c1.xhtml", "<p>Texto.</p>")])
    assert epub.parse(path).blocks
    entity = b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x><rootfile full-path='&e;'/></x>"
    with pytest.raises(base.Broken):
        epub.parse(rewrite_zip(path, {part: entity}))


def test_damaged_books_end_with_a_reason_or_with_what_is_left(tmp_path: Path) -> None:
    chapters = [Chapter("c1.xhtml", TIMETABLE, "Uno"), Chapter("c2.xhtml", "<p>Dos</p>")]
    path = write_epub(tmp_path / "a.epub", chapters, pictures={"a.png": mail_files.picture()})
    mail_files.check_damaged(path, FileKind.EPUB)
