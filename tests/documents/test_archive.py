import stat
import zipfile
from pathlib import Path

import pytest

from documents.blocks import Kind, ParsedDocument
from documents.parsers import FileKind, archive, base, sandbox
from documents.parsers.enclosed import MAX_FILES_OF_AN_ARCHIVE
from tests.documents import mail_files
from tests.documents.mail_files import kinds, write_zip, zipped


def names(document: ParsedDocument) -> list[str]:
    return [each.name for each in document.attachments]


def rename(path: Path, names: dict[str, bytes]) -> Path:
    """Put raw names of the same length in the place of others, as programs write them that know no UTF-8."""
    data = path.read_bytes()
    for name, raw in names.items():
        assert len(name) == len(raw)
        data = data.replace(name.encode("ascii"), raw)
    path.write_bytes(data)
    return path


def test_an_archive_shows_what_it_holds_and_hands_it_on(tmp_path: Path) -> None:
    members = {
        "Circulares/2026/Circular N.º 12.pdf": b"%PDF-1.4 doce",
        "Circulares/2026/Año nuevo.md": "# Año".encode(),
        "Actas/acta.docx": b"x" * 2_500,
    }
    document = archive.parse(write_zip(tmp_path / "a.zip", members))
    assert document.title is None
    assert kinds(document) == [
        (Kind.HEADING, 1, "Contenido del archivo"),
        (Kind.LIST_ITEM, 0, "• Circulares/2026/Circular N.º 12.pdf (13 bytes)"),
        (Kind.LIST_ITEM, 0, "• Circulares/2026/Año nuevo.md (6 bytes)"),
        (Kind.LIST_ITEM, 0, "• Actas/acta.docx (2 kB)"),
    ]
    assert {each.name: each.content for each in document.attachments} == {
        "Circular N.º 12.pdf": b"%PDF-1.4 doce",
        "Año nuevo.md": "# Año".encode(),
        "acta.docx": b"x" * 2_500,
    }


@pytest.mark.parametrize("page", ["cp850", "cp1252", "utf-8"])
def test_names_are_read_as_whoever_packed_them_saw_them(tmp_path: Path, page: str) -> None:
    wanted = "Reunión del AÑO - Índice 5.º.txt"
    raw = wanted.encode(page)
    plain = "x" * (len(raw) - 4) + ".txt"
    path = rename(write_zip(tmp_path / "a.zip", {plain: b"hola"}), {plain: raw})
    assert names(archive.parse(path)) == [wanted]


def test_names_cannot_lead_elsewhere_and_what_is_no_file_is_left_out(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("enlace.txt")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = write_zip(
        tmp_path / "a.zip",
        {
            "../../../etc/passwd.txt": b"uno",
            "/etc/dos.txt": b"dos",
            "C:\\Windows\\tres.txt": b"tres",
            "..\\..\\cuatro.txt": b"cuatro",
            "carpeta/": b"",
            "__MACOSX/._uno.txt": b"x",
            "carpeta/.DS_Store": b"x",
            "carpeta/Thumbs.db": b"x",
            "~$acta.docx": b"x",
        },
    )
    with zipfile.ZipFile(path, "a") as packed:
        packed.writestr(link, "/etc/passwd")
    document = archive.parse(path)
    assert names(document) == ["passwd.txt", "dos.txt", "tres.txt", "cuatro.txt"]
    assert [text for _, _, text in kinds(document)][1:] == [
        "• etc/passwd.txt (3 bytes)",
        "• etc/dos.txt (3 bytes)",
        "• Windows/tres.txt (4 bytes)",
        "• cuatro.txt (6 bytes)",
    ]


def test_files_with_a_password_are_told(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"abierto.txt": b"hola", "legajo.txt": b"secreto"})
    document = archive.parse(_lock(path, "legajo.txt"))
    assert names(document) == ["abierto.txt"]
    assert [(part.code, part.reason) for part in document.unreadable] == [
        ("password", "«legajo.txt» tiene contraseña y no se leyó. Conviene subirlo sin contraseña.")
    ]
    assert kinds(document)[2] == (Kind.LIST_ITEM, 0, "• legajo.txt (con contraseña)")
    with pytest.raises(base.Encrypted):
        archive.parse(_lock(path, "abierto.txt"))


def test_a_damaged_member_does_not_cost_the_others(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"bien.txt": b"hola", "mal.txt": b"cuidado " * 50})
    data = path.read_bytes()
    at = data.index(b"mal.txt") + len(b"mal.txt")
    path.write_bytes(data[: at + 4] + b"\xff\xff\xff" + data[at + 7 :])
    document = archive.parse(path)
    assert names(document) == ["bien.txt"]
    assert [(part.code, part.reason) for part in document.unreadable] == [
        ("attachment", "«mal.txt» está dañado y no se leyó. Conviene subirlo aparte.")
    ]


def test_bombs_are_refused_before_they_are_unpacked(tmp_path: Path) -> None:
    for name, members in {
        "one.zip": {"ceros.txt": b"\0" * (32 * base.MIB)},
        "many.zip": {f"{number}.txt": b"\0" * (12 * base.MIB) for number in range(8)},
    }.items():
        with pytest.raises(base.ParseTooBig) as caught:
            sandbox.parse(write_zip(tmp_path / name, members), FileKind.ZIP)
        assert caught.value.code == "zip_bomb"
    crowd = {f"{number}.txt": b"a" for number in range(MAX_FILES_OF_AN_ARCHIVE + 1)}
    with pytest.raises(base.ParseTooBig) as caught:
        archive.parse(write_zip(tmp_path / "crowd.zip", crowd))
    assert caught.value.code == "too_many_files"


def test_a_member_that_lies_about_its_size_is_counted_as_it_comes(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "a.zip", {"ceros.txt": b"\0" * (32 * base.MIB)})
    data = path.read_bytes()
    path.write_bytes(data.replace((32 * base.MIB).to_bytes(4, "little"), (10).to_bytes(4, "little")))
    with pytest.raises(base.Unparsable):
        sandbox.parse(path, FileKind.ZIP)


def test_an_archive_inside_an_archive_is_a_file_of_it(tmp_path: Path) -> None:
    inner = zipped({"nota.txt": b"hola"})
    document = archive.parse(write_zip(tmp_path / "a.zip", {"adentro.zip": inner}))
    assert [(each.name, each.content) for each in document.attachments] == [("adentro.zip", inner)]


def test_damaged_archives_end_with_a_reason_or_with_what_is_left(tmp_path: Path) -> None:
    path = write_zip(
        tmp_path / "a.zip", {"a.pdf": b"%PDF-1.4" * 300, "b.txt": b"hola", "c.png": mail_files.picture()}
    )
    mail_files.check_damaged(path, FileKind.ZIP)


def _lock(path: Path, name: str) -> Path:
    """Set the flag that says a member is encrypted, where both of its headers have it."""
    data = bytearray(path.read_bytes())
    for signature, flags_at, name_at in ((b"PK\x03\x04", 6, 30), (b"PK\x01\x02", 8, 46)):
        at = data.find(signature)
        while at >= 0:
            if data[at + name_at :].startswith(name.encode()):
                data[at + flags_at] |= 1
            at = data.find(signature, at + 4)
    path.write_bytes(data)
    return path
