"""The evidence pack of an answer: whole, verified by its own program, and red when anything in it was changed."""

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync

from documents import uploads
from tests.conftest import Person
from tests.rag.test_api_conversations import NORTE, ask, start

Change = Callable[[dict[str, bytes]], Any]


def _fetch(ana: Person) -> bytes:
    answer = ask(ana, start(ana)).json()
    got = ana.program().get(f"{NORTE}messages/{answer['id']}/evidence", {"fmt": "zip"})
    assert got.status_code == 200, got.content
    assert got["Content-Disposition"].startswith("attachment") and got["Content-Type"] == "application/zip"
    return async_to_sync(_whole)(got)


async def _whole(got: Any) -> bytes:
    return b"".join([piece async for piece in got.streaming_content])


def _verify(pack: Path) -> subprocess.CompletedProcess[str]:
    with zipfile.ZipFile(pack) as packed:
        program = pack.with_suffix(".py")
        program.write_bytes(packed.read("verificar.py"))
    return subprocess.run([sys.executable, "-I", program, pack], capture_output=True, text=True, check=False)


def test_a_pack_holds_the_answer_its_sources_and_what_verifies_them(
    ana: Person, document: uploads.Received, tmp_path: Path
) -> None:
    pack = tmp_path / "pack.zip"
    pack.write_bytes(_fetch(ana))
    with zipfile.ZipFile(pack) as packed:
        manifest = json.loads(packed.read("manifest.json"))
        evidence = [json.loads(line) for line in packed.read("evidencia.jsonl").splitlines()]
        passages = {
            each["id"]: each["text"] for each in map(json.loads, packed.read("pasajes.jsonl").splitlines())
        }
        (source,) = manifest["sources"]
        assert packed.read(source["path"]).startswith(b"# ")
        assert evidence[0]["quote"] in packed.read("respuesta.md").decode()
    assert manifest["kind"] == "answer" and manifest["question"].startswith("¿Cuántas")
    assert source["id"] == str(document.document_id) and len(source["sha256"]) == 64
    assert evidence and all(
        each["verified"] and each["quote"] in passages[each["passage"]] for each in evidence
    )
    assert evidence[0]["place"]["kind"] == "text" and evidence[0]["place_in_words"]
    verified = _verify(pack)
    assert (verified.returncode, verified.stderr) == (0, ""), verified.stdout


def _spoil_quote(files: dict[str, bytes]) -> None:
    """Change a quote and make its file's SHA-256 fit: only the passage tells."""
    import hashlib

    lines = [json.loads(line) for line in files["evidencia.jsonl"].splitlines()]
    lines[0]["quote"] = "Nadie pierde nada."
    files["evidencia.jsonl"] = b"".join(json.dumps(each).encode() + b"\n" for each in lines)
    manifest = json.loads(files["manifest.json"])
    for each in manifest["files"]:
        if each["path"] == "evidencia.jsonl":
            each["bytes"] = len(files["evidencia.jsonl"])
            each["sha256"] = hashlib.sha256(files["evidencia.jsonl"]).hexdigest()
    files["manifest.json"] = json.dumps(manifest).encode()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda files: files.update({"respuesta.md": b"Otra cosa."}), "respuesta.md: su contenido"),
        (lambda files: files.pop("llamadas.json"), "llamadas.json: falta"),
        (lambda files: files.update({"nuevo.txt": b"x"}), "nuevo.txt: no está"),
        (lambda files: files.pop("manifest.json"), "manifest.json"),
        (_spoil_quote, "no está en su pasaje"),
    ],
    ids=["changed", "missing", "added", "no manifest", "quote"],
)
def test_a_pack_that_was_changed_is_told(
    ana: Person, document: uploads.Received, tmp_path: Path, change: Change, told: str
) -> None:
    with zipfile.ZipFile(io.BytesIO(_fetch(ana))) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    program = files["verificar.py"]
    change(files)
    spoilt = tmp_path / "pack.zip"
    with zipfile.ZipFile(spoilt, "w") as packed:
        for name, content in {**files, "verificar.py": program}.items():
            packed.writestr(name, content)
    verified = _verify(spoilt)
    assert verified.returncode == 1 and told in verified.stdout
