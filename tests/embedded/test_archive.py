"""A backup's file: read whole before anything is done, and refused with a sentence when it is not what was written."""

import gc
import hashlib
import io
import json
import os
import tarfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from qdrant_client import QdrantClient, models

from embedded import archive
from embedded.__main__ import main
from embedded.archive import END, HEAD, LISTING, Writer
from embedded.vectors import Vectors

FILES = {"database.dump": b"d" * 3_000, "vectors/chunks_a.json": b"{}", "files/s/1/2/abc": b"Hola" * 50_000}
Members = list[tuple[tarfile.TarInfo, bytes]]


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """Return a small backup."""
    path = tmp_path / "copy.backup"
    told = {"version": "abc", "migrations": ["rag.0001_initial"]}
    with path.open("wb") as target, Writer(target, told) as writer:
        for name, content in FILES.items():
            source = tmp_path / "member"
            source.write_bytes(content)
            writer.add(name, source)
        writer.finish({"counts": {"documents": 1}, "has_vectors": True})
    return path


def test_what_was_written_is_read(made: Path, tmp_path: Path) -> None:
    assert archive.read_head(made)["version"] == "abc"
    assert archive.read(made, into=tmp_path / "out")["counts"] == {"documents": 1}
    found = {path: path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert {str(path.relative_to(tmp_path / "out")): content for path, content in found.items()} == FILES
    assert {path.stat().st_mode & 0o777 for path in found} == {0o600}
    folders = {path for path in (tmp_path / "out").rglob("*") if path.is_dir()}
    assert {path.stat().st_mode & 0o777 for path in folders} == {0o700}


def _members(path: Path) -> Members:
    with tarfile.open(path) as tar:
        return [(info, (tar.extractfile(info) or io.BytesIO()).read()) for info in tar]


def _write(path: Path, members: Members) -> None:
    with tarfile.open(path, "w") as tar:
        for info, content in members:
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))


def _changed(name: str, change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def do(path: Path) -> None:
        told = [(info, change(content) if info.name == name else content) for info, content in _members(path)]
        _write(path, told)

    return do


def _with(
    name: str, *, kind: bytes = tarfile.REGTYPE, link: str = "", listed: bool = False
) -> Callable[[Path], None]:
    """Return what puts a member before the listing, which an attacker may well write anew."""

    def do(path: Path) -> None:
        members = _members(path)
        info = tarfile.TarInfo(name)
        info.type, info.linkname = kind, link
        members.insert(-2, (info, b""))
        if listed:
            line = f"{hashlib.sha256(b'').hexdigest()} 0 {name}\n".encode()
            listing = members[-2][1] + line
            members[-2] = (members[-2][0], listing)
            end = {**json.loads(members[-1][1]), "listing_sha256": hashlib.sha256(listing).hexdigest()}
            members[-1] = (members[-1][0], json.dumps(end).encode())
        _write(path, members)

    return do


def _cut(share: float) -> Callable[[Path], None]:
    return lambda path: os.truncate(path, int(path.stat().st_size * share))


def _overwrite(path: Path) -> None:
    path.write_bytes(b"%PDF-1.7 " * 999)


def _without(*names: str) -> Callable[[Path], None]:
    return lambda path: _write(path, [each for each in _members(path) if each[0].name not in names])


def _headed(**facts: object) -> Callable[[Path], None]:
    return _changed(HEAD, lambda content: json.dumps({**json.loads(content), **facts}).encode())


DAMAGES: dict[str, tuple[Callable[[Path], None], str]] = {
    "empty": (_cut(0), "no whole backup"),
    "half_a_header": (_cut(0.001), "no whole backup"),
    "cut_in_the_middle": (_cut(0.5), "no whole backup"),
    "cut_near_the_end": (_cut(0.93), "cut off|no whole backup"),
    "without_its_end": (_without(END), "cut off"),
    "without_its_listing": (_without(LISTING), "altered"),
    "a_file_less": (_without("files/s/1/2/abc"), "damaged"),
    "no_archive": (_overwrite, "no whole backup"),
    "another_archive": (_without(HEAD), "no backup of Preceptor"),
    "another_byte": (
        _changed("files/s/1/2/abc", lambda content: b"h" + content[1:]),
        "'files/s/1/2/abc' is not",
    ),
    "another_listing": (_changed(LISTING, lambda content: content.replace(b"dump", b"dumq")), "damaged"),
    "another_end": (
        _changed(END, lambda content: content.replace(b'"listing_sha256": "', b'"listing_sha256": "0')),
        "altered",
    ),
    "another_format": (_headed(format=2), "format 2"),
    "from_the_future": (_headed(migrations=["rag.9999_later"]), "newer Preceptor"),
    "a_member_more": (_with("files/s/1/2/more"), "damaged|altered"),
    "out_of_the_folder": (_with("files/../../evil", listed=True), "altered"),
    "absolute": (_with("/etc/cron.d/evil", listed=True), "altered"),
    "a_link": (_with("files/link", kind=tarfile.SYMTYPE, link="/etc", listed=True), "altered"),
    "a_hard_link": (_with("files/link", kind=tarfile.LNKTYPE, link="database.dump", listed=True), "altered"),
    "a_device": (_with("files/null", kind=tarfile.CHRTYPE, listed=True), "altered"),
    "something_else": (_with("secrets.json", listed=True), "altered"),
    "with_a_line_break": (_with("files/a\nb", listed=True), "altered"),
}


@pytest.mark.parametrize(("damage", "words"), DAMAGES.values(), ids=DAMAGES)
def test_a_backup_that_is_not_whole_changes_nothing(
    made: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    damage: Callable[[Path], None],
    words: str,
) -> None:
    """Red when `restore` does not read all of it first, or `_check` lets a member pass."""
    damage(made)
    data = tmp_path / "data"
    monkeypatch.setenv("PRECEPTOR_DATA", str(data))
    assert main(["restore", str(made)]) == 1
    said = capsys.readouterr().err
    assert any(word in said for word in words.split("|")), said
    assert "Traceback" not in said
    assert not data.exists()


def test_a_backup_that_was_given_up_writes_nothing_more(tmp_path: Path) -> None:
    """As on a full disk. Red when `Writer` leaves its tar to the garbage collector."""
    target = (tmp_path / "half").open("wb")
    with pytest.raises(OSError, match="full"), target, Writer(target, {}):
        raise OSError("the disk is full")
    gc.collect()


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_nothing_is_written_over_anything(
    made: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: str,
) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "secrets.json").write_text("{}")
    monkeypatch.setenv("PRECEPTOR_DATA", str(data))
    before = made.read_bytes()
    assert main([command, str(made)]) == 1
    assert ("exists already" if command == "backup" else "is not empty") in capsys.readouterr().err
    assert made.read_bytes() == before
    assert [path.name for path in data.iterdir()] == ["secrets.json"]


@pytest.fixture
def collection() -> Iterator[tuple[QdrantClient, str]]:
    """Give a collection of Qdrant's with dense and sparse vectors."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the key travels over plain HTTP, on the loopback interface only
        client = QdrantClient(url=os.environ["QDRANT_URL"], api_key=os.environ.get("QDRANT_API_KEY"))
    name = f"kept{uuid4().hex}_a"
    sparse = models.SparseVectorParams(modifier=models.Modifier.IDF)
    dense = models.VectorParams(size=2, distance=models.Distance.COSINE)
    client.create_collection(name, vectors_config={"dense": dense}, sparse_vectors_config={"stems": sparse})
    client.create_payload_index(name, "school_id", models.PayloadSchemaType.KEYWORD)
    points = [
        models.PointStruct(
            id=str(uuid4()),
            vector={"dense": [0.6, 0.8], "stems": models.SparseVector(indices=[1, 9 + n], values=[0.5, 1.0])},
            payload={"school_id": f"{n % 3}", "fence": n},
        )
        for n in range(300)
    ]
    client.upsert(name, points, wait=True)
    yield client, name
    client.delete_collection(name)
    client.close()


def test_vectors_come_back_as_they_were(collection: tuple[QdrantClient, str], tmp_path: Path) -> None:
    client, name = collection
    before = client.scroll(name, limit=1_000, with_vectors=True)[0]
    info = client.get_collection(name)
    kept = Vectors(os.environ["QDRANT_URL"], os.environ.get("QDRANT_API_KEY", ""), name.partition("_")[0])
    assert kept.names() == [name]
    assert kept.write_out(name, tmp_path, each=lambda: None) == 300
    client.delete_collection(name)
    assert kept.read_in(name, tmp_path, each=lambda: None) == 300
    assert client.scroll(name, limit=1_000, with_vectors=True)[0] == before
    again = client.get_collection(name)
    assert again.config.params.sparse_vectors == info.config.params.sparse_vectors
    assert set(again.payload_schema) == {"school_id"}
