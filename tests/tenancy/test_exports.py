"""What goes out of the house holds nothing that one may not see (T16)."""

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

from django.test import Client

from documents import collections, library
from documents.models import Document
from schools.roles import Role
from schools.scope import school_scope
from tests import streams
from tests.conftest import Person, join


def test_an_evidence_pack_holds_nothing_of_a_document_that_went_out_of_reach(
    ana: Person, document: Any, work_off: Callable[[], None]
) -> None:
    """The quotes that one was told stay; the passages around them, the original and its name do not.

    Red when documents.packing reads blocks, or originals, without library.visible.
    """
    with school_scope(ana.school_id):
        default = Document.objects.get().collection_id
    limited = join(ana.school, "limitada@norte.example", Role.TEACHER, collections=[default])
    question = {"text": "¿Cuántas inasistencias puede tener un alumno antes de perder la regularidad?"}
    told = limited.program().post("/api/v1/schools/norte/conversations/", {}, format="json").json()
    path = f"/api/v1/schools/norte/conversations/{told['id']}/messages/"
    message = limited.program().post(path, question, format="json").json()

    def packed() -> tuple[list[str], str, Any]:
        got = limited.program().get(
            f"/api/v1/schools/norte/messages/{message['id']}/evidence", {"fmt": "zip"}
        )
        with zipfile.ZipFile(io.BytesIO(streams.gather(got))) as pack:
            names = [name for name in pack.namelist() if name.startswith("fuentes/")]
            return names, pack.read("pasajes.jsonl").decode(), json.loads(pack.read("manifest.json"))

    names, passages, manifest = packed()
    assert names and passages and manifest["sources"][0]["path"]
    shelf = collections.create(ana.member, name="Reservada")
    library.change(ana.member, document.document_id, changes=library.Changes(collection_id=shelf.pk))
    work_off()
    names, passages, manifest = packed()
    assert (names, passages) == ([], "")
    assert manifest["sources"][0]["path"] is None and "title" not in manifest["sources"][0]
    assert Client().get(f"/api/v1/schools/norte/messages/{message['id']}/evidence").status_code == 401
