"""The store of originals: one file per school, even for the same bytes, under a name that no one chose."""

import re
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage

from documents import library
from documents.models import Document
from schools.scope import school_scope
from tests.conftest import Person, upload


def test_the_same_bytes_in_two_schools_are_two_files(
    ana: Person, zoe: Person, work_off: Callable[[], None]
) -> None:
    keys = {}
    for person in (ana, zoe):
        received = upload(person, name="../../../reglamento «ñ».md")
        # That the bytes exist elsewhere is not told.
        assert not received.is_duplicate
        with school_scope(person.school_id):
            keys[person.school_id] = Document.objects.get(pk=received.document_id).file_key
        assert str(person.school_id) in keys[person.school_id]
        assert re.fullmatch(r"s/[0-9a-f-]{36}/[0-9a-f-]{36}/[0-9a-f]{64}", keys[person.school_id])
    assert len(set(keys.values())) == 2
    assert all(default_storage.exists(key) for key in keys.values())

    with school_scope(ana.school_id):
        mine = Document.objects.get()
    library.delete(ana.member, [mine.pk])
    work_off()
    assert not default_storage.exists(keys[ana.school_id])
    assert default_storage.exists(keys[zoe.school_id])


def test_files_are_readable_by_the_house_alone(ana: Person) -> None:
    upload(ana)
    with school_scope(ana.school_id):
        path = Path(default_storage.path(Document.objects.get().file_key))
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0


def test_static_files_hold_nothing_of_a_school() -> None:
    """They are served to anyone: no folder of theirs may contain uploads, and the other way round."""
    files = Path(default_storage.path("")).resolve()
    folders = [Path(each).resolve() for each in (*settings.STATICFILES_DIRS, settings.STATIC_ROOT)]
    for folder in folders:
        assert folder != files
        assert folder not in files.parents
        assert files not in folder.parents
    assert not getattr(settings, "MEDIA_URL", "") or settings.MEDIA_ROOT == ""
