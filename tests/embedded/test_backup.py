"""The drill: a copy at work is backed up, goes on, and comes back in an empty directory, whole and with its answers.

Fault 27. By night: it starts two whole copies. What refuses a bad backup is in test_archive.py, by day.
"""

import io
import json
import tarfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from embedded import ports
from embedded.archive import END, HEAD, LISTING, Writer
from embedded.state import ROOT, State
from tests.embedded.own_copy import OwnCopy

pytestmark = [pytest.mark.faults, pytest.mark.long]

READY_WITHIN_S = 600.0
GOLDEN = 36

_PROLOGUE = """
import json
from django.core.files.uploadedfile import SimpleUploadedFile
from documents import uploads
from documents.models import Document
from rag import answer, conversations
from schools.admission import as_member
from schools.models import Membership
from schools.scope import school_scope
m = as_member(Membership.objects.select_related("school").filter(school__slug="demo").order_by("pk").first())
def upload(n, words):
    points = (f"## Punto {k}\\n\\n{words} {n}, punto {k}. " + "El acta se leyó. " * 20 for k in range(6))
    text = "\\n\\n".join([f"# Acta {n}", *points])
    uploads.receive(m, SimpleUploadedFile(f"acta-{n}.md", text.encode()), facts=uploads.Facts())
"""
_ASK = """
told = []
talk = conversations.start(m).pk
for question in QUESTIONS:
    message = answer.ask_whole(m, talk, text=question, standalone_question=question)
    told.append([message.status, [[c["title"], c["place"], c["quote"]] for c in message.citations]])
with school_scope(m.school_id):
    names = dict(Document.objects.filter(deleted_at=None).values_list("title", "filename"))
print(json.dumps({"told": told, "names": names}))
"""

_DELETE = """
from documents import library
with school_scope(m.school_id):
    gone = Document.objects.get(filename="plan-de-evacuacion.txt").pk
library.delete(m, [gone])
"""


@dataclass(frozen=True, slots=True)
class Live:
    """A copy of everything, with what the tests do in it."""

    copy: OwnCopy

    def program(self, text: str) -> str:
        done = self.copy.call("manage", "shell", "-v", "0", "-c", _PROLOGUE + text)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def reconcile(self, *options: str) -> dict[str, Any]:
        done = self.copy.call("manage", "reconcile", "--json", *options)
        assert done.stdout, done.stderr
        told: dict[str, Any] = json.loads(done.stdout)
        return told

    def wait(self) -> None:
        """Wait until nobody works on anything."""
        deadline = time.monotonic() + READY_WITHIN_S
        while True:
            told = self.reconcile("--dry-run")
            if not any(each["busy"] for each in told["schools"].values()):
                return
            assert time.monotonic() < deadline, told
            time.sleep(3)

    def answers(self) -> tuple[list[Any], dict[str, str]]:
        told = json.loads(self.program(f"QUESTIONS = {[one['question'] for one in _golden()]!r}\n{_ASK}"))
        return told["told"], told["names"]


def _golden() -> list[dict[str, Any]]:
    questions = json.loads((ROOT / "demo" / "questions.json").read_text())
    return [one for one in questions if one["answerable"]][:GOLDEN]


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Give a copy with the demonstration: documents, a recording, planillas."""
    home = tmp_path_factory.mktemp("live")
    made = Live(OwnCopy(data=home / "data", extra={"PRECEPTOR_PORT": str(_free_port(home))}))
    made.copy.start(only_services=False)
    made.wait()
    yield made
    made.copy.call("down")


def _free_port(home: Path) -> int:
    state = State(home / "ports")
    state.make()
    return ports.keep(state, ["web"])["web"]


@pytest.fixture
def restored(tmp_path: Path) -> Iterator[Live]:
    copy = OwnCopy(data=tmp_path / "restored", extra={"PRECEPTOR_PORT": str(_free_port(tmp_path))})
    yield Live(copy)
    copy.call("down")


def test_a_copy_at_work_comes_back_whole_and_answers_alike(
    live: Live, restored: Live, tmp_path: Path
) -> None:
    """Red when a backup lacks files, vectors or rows, or a restore does not compare them."""
    backup = tmp_path / "copy.backup"
    live.program("for n in range(8): upload(n, 'Antes del respaldo')")
    told = live.copy.call("backup", str(backup))  # while the eight are being read
    assert told.returncode == 0, told.stderr
    live.wait()
    before, names = live.answers()
    cited = [
        one["document"] in {names.get(title) for title, *_rest in citations}
        for one, (_status, citations) in zip(_golden(), before, strict=True)
    ]
    assert sum(cited) >= 20, cited
    live.program("upload(100, 'Después del respaldo')")

    done = restored.copy.call("restore", str(backup))
    assert done.returncode == 0, done.stdout + done.stderr
    assert not (restored.copy.data / "archive").exists()
    assert {path.name for path in restored.copy.data.iterdir()} >= {
        "files",
        "postgres",
        "qdrant",
        "secrets.json",
    }
    restored.copy.start(only_services=False)
    restored.wait()
    assert restored.reconcile("--deep", "--grace-min", "0")["total"] == 0
    after, names_after = restored.answers()
    assert after == before
    assert names_after == names
    assert {f"acta-{n}.md" for n in range(8)} < set(names.values())
    live.wait()
    assert live.reconcile()["total"] == 0  # the backup left nothing behind
    assert not list(live.copy.data.glob(".backup-*"))


def test_vectors_older_than_the_database_are_brought_up_to_it(
    live: Live, restored: Live, tmp_path: Path
) -> None:
    """Red when `restore` does not reconcile."""
    old, new, mixed = (tmp_path / f"{name}.backup" for name in ("old", "new", "mixed"))
    assert live.copy.call("backup", str(old)).returncode == 0
    live.program("for n in range(200, 204): upload(n, 'Una hora después')")
    live.program(_DELETE)
    live.wait()
    assert live.copy.call("backup", str(new)).returncode == 0
    _mix(new, old, mixed)
    done = restored.copy.call("restore", str(mixed))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "missing_point" in done.stdout and "orphan_point" in done.stdout
    assert restored.reconcile("--deep", "--grace-min", "0")["total"] == 0
    (sound,) = (restored.copy.data / "files").rglob("sound.flac")
    sound.unlink()
    found = restored.reconcile()["schools"]["demo"]["differences"]
    assert {code: each["mended"] for code, each in found.items()} == {"missing_sound": 1}
    assert sound.stat().st_size > 0


def _mix(new: Path, old: Path, target: Path) -> None:
    """Write a backup with the newer database and files, and the older vectors."""
    with (
        tarfile.open(new) as newer,
        tarfile.open(old) as older,
        target.open("wb") as file,
        ExitStack() as made,
    ):
        head = json.load(_content(newer, HEAD))
        told = {name: value for name, value in head.items() if name != "format"}
        writer = made.enter_context(Writer(file, told))
        for info in newer:
            if info.name not in (HEAD, LISTING, END):
                source = older if info.name.startswith("vectors/") else newer
                member = target.with_name("member")
                member.write_bytes(_content(source, info.name).read())
                writer.add(info.name, member)
        writer.finish({"counts": {}, "has_vectors": True})


def _content(tar: tarfile.TarFile, name: str) -> io.BytesIO:
    file = tar.extractfile(name)
    assert file is not None
    return io.BytesIO(file.read())


def test_a_full_disk_ends_a_backup_with_a_sentence_and_nothing_half(live: Live, tmp_path: Path) -> None:
    """A limit on the size of files stands for the disk. Red when the draft is not taken away."""
    for limit_kb in (64, 1_500):
        done = live.copy.call("backup", str(tmp_path / "full.backup"), file_kb=limit_kb)
        assert done.returncode == 1
        assert "File too large" in done.stderr and "Traceback" not in done.stderr, done.stderr
        assert list(tmp_path.iterdir()) == []
        assert not list(live.copy.data.glob(".backup-*"))
