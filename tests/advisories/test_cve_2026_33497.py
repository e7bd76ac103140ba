"""Langflow CVE-2026-33497: a path that climbed out was mended at one address and lived on at another.

Paths are made of ids in documents/models.py and its kin alone. Red when `name` is joined to a folder unchecked; it was
red with a 500 for a name with a NUL in it.
"""

import pytest
from django.urls import reverse

from documents.models import Document
from schools.scope import school_scope
from tests.advisories.conftest import Stage, content, untouched
from tests.conftest import Person, upload
from tests.tenancy.matrix import CountingStorage

CLIMBS = (
    "../1.png", "..%2f1.png", "%2e%2e%2f%2e%2e%2foriginal", "....//1.png", "..\\1.png", "/etc/passwd",
    "1.png/../../original", "%00.png", "1.png%00", "file:///etc/passwd", "~/1.png", "%c0%ae%c0%ae/1.png", ".", "..",
    "%2e", "1.png;x", "*",
)  # fmt: skip


def test_no_name_in_an_address_climbs(stage_of_two: Stage) -> None:
    ids = {"slug": "norte", "document_id": stage_of_two.norte.ids["document"]}
    folder = reverse("documents:picture", kwargs={**ids, "name": "1.png"}).removesuffix("1.png")
    browser = stage_of_two.ana.browser()
    assert content(browser.get(folder + "1.png")).startswith(b"\x89PNG")
    for climb in CLIMBS:
        with untouched():
            answer = browser.get(folder + climb)
        assert answer.status_code in (301, 404), climb
    assert CountingStorage.touched == []


@pytest.mark.parametrize(
    "name", ["../../../x.md", "..\\..\\x.md", "/etc/cron.d/x.md", "x\0.md", "a/b/c.md", "‮dm.x.md"]
)
def test_no_name_of_a_file_becomes_a_path(ana: Person, name: str) -> None:
    received = upload(ana, name="x.md") if "\0" in name else upload(ana, name=name)
    with school_scope(ana.school_id):
        row = Document.objects.get(pk=received.document_id)
    for key in (row.file_key, row.copy_key, row.picture_key("1.png")):
        assert str(ana.school_id) in key
        assert ".." not in key
        assert "cron" not in key
    assert "/" not in row.filename
    assert "\\" not in row.filename
