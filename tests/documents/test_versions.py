"""Which version rules on a day: the rule itself, and who may tie which document to which."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as some

from documents import collections, library, succession, versions
from documents.library import Changes
from documents.models import Document, Status
from documents.succession import BadSuccession
from documents.versions import Force, State, Version
from schools.ids import new_id
from schools.models import Membership, School
from schools.roles import Role
from schools.scope import school_scope
from tests.conftest import RULES, Person, join, upload

OLD, NEW, NEWER = UUID(int=1), UUID(int=2), UUID(int=3)
UPLOADED = date(2026, 5, 10)


def version(key: UUID = OLD, *, after: UUID | None = None, counts: bool = True, **days: str) -> Version:
    return Version(
        id=key,
        title=f"v{key.int}",
        supersedes_id=after,
        valid_from=date.fromisoformat(days["since"]) if "since" in days else None,
        valid_until=date.fromisoformat(days["until"]) if "until" in days else None,
        created_on=UPLOADED,
        counts=counts,
    )


def told(this: Version, *newer: Version, on: str) -> Force:
    return versions.force(this, newer, on=date.fromisoformat(on))


MARCH = version(NEW, after=OLD, since="2026-03-01")
SEPTEMBER = version(NEWER, after=NEW, since="2026-09-01")
APRIL_ONLY = version(NEWER, after=OLD, since="2026-04-01", until="2026-04-30")
UNREAD = version(NEW, after=OLD, counts=False)
ENDED = version(until="2025-12-31")

RULE: list[tuple[str, Version, tuple[Version, ...], str, State, UUID | None]] = [
    ("no dates", version(), (), "1999-01-01", State.IN_FORCE, None),
    ("the day before", version(since="2026-03-01"), (), "2026-02-28", State.NOT_YET, None),
    ("the first day", version(since="2026-03-01"), (), "2026-03-01", State.IN_FORCE, None),
    ("the last day", version(until="2026-12-31"), (), "2026-12-31", State.IN_FORCE, None),
    ("the day after", version(until="2026-12-31"), (), "2027-01-01", State.ENDED, None),
    ("before it is replaced", version(), (MARCH,), "2026-02-28", State.IN_FORCE, None),
    ("when it is replaced", version(), (MARCH,), "2026-03-01", State.REPLACED, NEW),
    (
        "by one without a day: before",
        version(),
        (version(NEW, after=OLD),),
        "2026-05-09",
        State.IN_FORCE,
        None,
    ),
    (
        "by one without a day: it came",
        version(),
        (version(NEW, after=OLD),),
        "2026-05-10",
        State.REPLACED,
        NEW,
    ),
    ("the new one is not read", version(), (UNREAD,), "2026-06-01", State.IN_FORCE, None),
    ("is itself not read", UNREAD, (), "2026-06-01", State.NOT_YET, None),
    ("new before it came", version(NEW, after=OLD), (), "2026-05-09", State.NOT_YET, None),
    ("replaced, and ended before", ENDED, (MARCH,), "2026-04-01", State.REPLACED, NEW),
    ("ended, not yet replaced", ENDED, (MARCH,), "2026-02-01", State.ENDED, None),
    ("the new one ended", version(), (APRIL_ONLY,), "2026-05-01", State.REPLACED, NEWER),
    ("a chain", version(), (MARCH, SEPTEMBER), "2026-09-01", State.REPLACED, NEWER),
    ("a chain, its middle", version(), (MARCH, SEPTEMBER), "2026-08-31", State.REPLACED, NEW),
    (
        "a chain of one day",
        version(),
        (version(NEWER, after=OLD), version(NEW, after=NEWER)),
        "2026-05-10",
        State.REPLACED,
        NEW,
    ),
    ("a chain, its middle not read", version(), (UNREAD, SEPTEMBER), "2026-10-01", State.REPLACED, NEWER),
    ("two successors", version(), (MARCH, APRIL_ONLY), "2026-05-15", State.REPLACED, NEW),
    ("two successors, both rule", version(), (MARCH, APRIL_ONLY), "2026-04-15", State.REPLACED, NEWER),
]


@pytest.mark.parametrize(
    ("this", "newer", "on", "state", "by"), [row[1:] for row in RULE], ids=[row[0] for row in RULE]
)
def test_the_rule(this: Version, newer: tuple[Version, ...], on: str, state: State, by: UUID | None) -> None:
    found = told(this, *newer, on=on)
    assert found.state == state
    assert (found.by.id if found.by else None) == by
    assert (found.note == "") == (state == State.IN_FORCE)
    assert found.newer == {each.id for each in newer}


def test_the_last_day_is_said_as_it_is_written() -> None:
    new = version(NEW, after=OLD, since="2026-03-01")
    assert told(version(), new, on="2026-06-01").note == "Dejó de regir el 28/02/2026; lo reemplaza «v2»."
    assert told(version(until="2025-12-31"), new, on="2026-06-01").note.startswith(
        "Dejó de regir el 31/12/2025;"
    )
    assert told(version(until="2025-12-31"), on="2026-01-01").note == "Dejó de regir el 31/12/2025."
    assert (
        told(version(since="2026-03-01"), on="2026-01-01").note == "Todavía no rige: empieza el 01/03/2026."
    )
    same_day = version(since="2026-03-01")
    assert told(same_day, new, on="2026-03-01").note == "No rige: lo reemplaza «v2»."
    hidden = Version(NEW, "", OLD, None, None, UPLOADED, True)
    assert told(version(), hidden, on="2026-06-01").note.endswith("lo reemplaza otro documento.")


DAYS = some.dates(min_value=date(1, 1, 1), max_value=date(9999, 12, 31))


@given(
    ties=some.dictionaries(some.integers(1, 6), some.integers(1, 6), max_size=6),
    days=some.lists(some.none() | DAYS, min_size=6, max_size=6),
    on=DAYS,
)
def test_any_knot_of_versions_gives_each_one_state_and_ends(
    ties: dict[int, int], days: list[date | None], on: date
) -> None:
    every = [
        Version(
            UUID(int=n),
            "x",
            UUID(int=ties[n]) if n in ties else None,
            days[n - 1],
            None,
            UPLOADED,
            True,
        )
        for n in range(1, 7)
    ]
    newer = versions.after(every)
    for each in every:
        after = newer.get(each.id, [])
        assert each.id not in {one.id for one in after}
        found = versions.force(each, after, on=on)
        assert (found.state == State.REPLACED) == (found.by is not None)
        assert isinstance(found.note, str)


# --- with documents ---------------------------------------------------------------------------------------------------


@pytest.fixture
def pair(ana: Person, work_off: Callable[[], None]) -> tuple[UUID, UUID]:
    """Return two documents of Ana's, read, not tied to each other."""
    first, second = upload(ana), upload(ana, name="nuevo.md", text=RULES.replace("25", "20"))
    work_off()
    return first.document_id, second.document_id


def tie(person: Person, new: UUID, old: UUID) -> None:
    library.change(person.member, new, changes=Changes(supersedes_id=old))


def state(person: Person, document_id: UUID, on: date | None = None) -> State:
    with school_scope(person.school_id):
        return succession.forces(person.member, [document_id], on=on)[document_id].state


def test_a_tie_replaces_and_its_end_brings_back(ana: Person, pair: tuple[UUID, UUID]) -> None:
    old, new = pair
    assert state(ana, old) == State.IN_FORCE
    tie(ana, new, old)
    assert (state(ana, old), state(ana, new)) == (State.REPLACED, State.IN_FORCE)
    library.change(ana.member, new, changes=Changes(clear=frozenset({"supersedes"})))
    assert (state(ana, old), state(ana, new)) == (State.IN_FORCE, State.IN_FORCE)


def test_no_document_comes_after_itself(ana: Person, pair: tuple[UUID, UUID]) -> None:
    old, new = pair
    third = upload(ana, name="tercero.md", text="# Tercero", supersedes_id=new).document_id
    tie(ana, new, old)
    for document, older in ((old, old), (old, new), (old, third), (new, third)):
        with pytest.raises(BadSuccession):
            tie(ana, document, older)
    tie(ana, third, new)  # as it is
    tie(ana, third, old)


def test_a_version_counts_once_it_is_read(ana: Person, work_off: Callable[[], None]) -> None:
    old = upload(ana).document_id
    work_off()
    new = upload(ana, name="nuevo.md", text=RULES.replace("25", "20"), supersedes_id=old).document_id
    assert (state(ana, old), state(ana, new)) == (State.IN_FORCE, State.NOT_YET)
    work_off()
    assert (state(ana, old), state(ana, new)) == (State.REPLACED, State.IN_FORCE)
    # Read again, it goes on answering meanwhile; when that fails, the old one is what there is.
    library.retry(ana.member, new)
    assert (state(ana, old), state(ana, new)) == (State.REPLACED, State.IN_FORCE)
    library.cancel(ana.member, new)
    assert (state(ana, old), state(ana, new)) == (State.IN_FORCE, State.NOT_YET)


def test_a_version_that_fails_replaces_nothing(ana: Person, work_off: Callable[[], None]) -> None:
    old = upload(ana).document_id
    empty = upload(ana, name="vacio.md", text="\n\n", supersedes_id=old).document_id
    work_off()
    assert library.get(ana.member, empty).document.status == Status.FAILED
    assert (state(ana, old), state(ana, empty)) == (State.IN_FORCE, State.NOT_YET)


def test_a_deleted_version_leaves_its_neighbours_tied(
    ana: Person, pair: tuple[UUID, UUID], work_off: Callable[[], None]
) -> None:
    old, new = pair
    tie(ana, new, old)
    newest = upload(ana, name="tercero.md", text=RULES.replace("25", "15"), supersedes_id=new).document_id
    work_off()
    library.delete(ana.member, [new])
    assert (state(ana, old), state(ana, newest)) == (State.REPLACED, State.IN_FORCE)
    work_off()
    assert state(ana, old) == State.REPLACED
    library.delete(ana.member, [newest])
    assert state(ana, old) == State.IN_FORCE
    work_off()
    assert state(ana, old) == State.IN_FORCE


def test_a_whole_line_is_deleted_at_once(ana: Person, pair: tuple[UUID, UUID]) -> None:
    old, new = pair
    tie(ana, new, old)
    last = upload(ana, name="tercero.md", text="# Tercero", supersedes_id=new).document_id
    library.delete(ana.member, [old, new])
    with school_scope(ana.school_id):
        assert Document.objects.get(pk=last).supersedes_id is None


def test_a_day_is_the_schools(ana: Person, pair: tuple[UUID, UUID]) -> None:
    old, new = pair
    tie(ana, new, old)
    with school_scope(ana.school_id):
        # In Buenos Aires it is still the ninth.
        Document.objects.filter(pk=new).update(created_at=datetime(2026, 5, 10, 1, tzinfo=UTC))
    assert state(ana, old, date(2026, 5, 8)) == State.IN_FORCE
    assert state(ana, old, date(2026, 5, 9)) == State.REPLACED
    School.objects.filter(pk=ana.school.pk).update(time_zone="Europe/Madrid")
    assert state(ana, old, date(2026, 5, 9)) == State.IN_FORCE


def test_the_force_of_many_is_one_query(
    ana: Person, pair: tuple[UUID, UUID], django_assert_num_queries: Any
) -> None:
    old, new = pair
    tie(ana, new, old)
    member = ana.member
    with school_scope(ana.school_id), django_assert_num_queries(1):
        assert len(succession.forces(member, [old, new])) == 2


def test_the_library_is_narrowed_by_force(ana: Person, pair: tuple[UUID, UUID]) -> None:
    old, new = pair
    tie(ana, new, old)
    today = versions.today(ana.member)
    plain = upload(ana, name="a.md", text="# A").document_id
    ended = upload(ana, name="b.md", text="# B", valid_until=today - timedelta(days=1)).document_id
    coming = upload(ana, name="c.md", text="# C", valid_from=today + timedelta(days=1)).document_id
    wanted = {
        State.IN_FORCE: {new, plain},
        State.REPLACED: {old},
        State.ENDED: {ended},
        State.NOT_YET: {coming},
    }
    for each, ids in wanted.items():
        assert {entry.id for entry in library.search(ana.member, force=each)} == ids
        page = ana.browser().get("/e/norte/biblioteca/", {"vigencia": each.value}).content.decode()
        assert {one for one in (old, new, plain, ended, coming) if f"document-{one}" in page} == ids
        listed = (
            ana.program().get("/api/v1/schools/norte/documents/", {"validity": each.value}).json()["results"]
        )
        assert {UUID(row["id"]) for row in listed} == ids
        assert {row["validity"]["state"] for row in listed} == {each.value}


# --- whose it is ------------------------------------------------------------------------------------------------------

PATH = "/api/v1/schools/norte/documents/"


def patch(person: Person, document_id: UUID, **body: Any) -> Any:
    return person.program().patch(f"{PATH}{document_id}/", body, format="json")


def test_a_program_ties_names_and_unties(ana: Person, pair: tuple[UUID, UUID]) -> None:
    old, new = pair
    tied = patch(ana, new, supersedes=str(old), issuer="  Consejo   Escolar ")
    assert tied.status_code == 200, tied.content
    assert (tied.json()["supersedes"], tied.json()["issuer"]) == (str(old), "Consejo Escolar")
    validity = ana.program().get(f"{PATH}{old}/").json()["validity"]
    assert validity["state"] == "replaced"
    assert validity["replaced_by"] == {"document_id": str(new), "title": "Régimen académico"}
    circle = patch(ana, old, supersedes=str(new))
    assert (circle.status_code, circle.json()["code"]) == (400, "invalid")
    assert set(circle.json()["errors"]) == {"supersedes"}
    assert patch(ana, new, supersedes=None).json()["supersedes"] is None
    assert patch(ana, new, issuer="x" * 201).status_code == 400


def test_what_is_out_of_sight_is_as_what_is_not_there(
    ana: Person, beto: Person, zoe: Person, pair: tuple[UUID, UUID]
) -> None:
    hidden = collections.create(ana.member, name="Reservada")
    library.change(ana.member, pair[0], changes=Changes(collection_id=hidden.pk))
    general = next(row for row in collections.visible(ana.member) if row.is_default)
    Membership.objects.filter(pk=beto.membership.pk).update(collections=[general.pk])
    own = upload(beto, name="acta.md", text="# Acta").document_id
    foreign = upload(zoe, name="sur.md", text="# Sur").document_id
    answers = [patch(beto, own, supersedes=str(each)) for each in (pair[0], foreign, new_id())]
    assert {each.status_code for each in answers} == {404}
    assert len({each.content for each in answers}) == 1
    assert patch(ana, pair[1], supersedes=str(pair[0])).status_code == 200


def test_a_teacher_does_not_put_the_directors_rules_out_of_force(
    ana: Person, beto: Person, pair: tuple[UUID, UUID]
) -> None:
    own = upload(beto, name="acta.md", text="# Acta").document_id
    mine = upload(beto, name="acta-vieja.md", text="# Acta vieja").document_id
    assert patch(beto, own, supersedes=str(pair[0])).status_code == 403
    file = SimpleUploadedFile("otro.md", b"# Otro")
    made = beto.program().post(PATH, {"file": file, "supersedes": str(pair[0])}, format="multipart")
    assert made.status_code == 403
    assert state(ana, pair[0]) == State.IN_FORCE
    assert patch(beto, own, supersedes=str(mine)).status_code == 200
    secretary = join(ana.school, "sara@norte.example", Role.SECRETARY)
    assert patch(secretary, own, supersedes=str(pair[0])).status_code == 200


# --- the page ---------------------------------------------------------------------------------------------------------


def page(person: Person, document_id: UUID, ending: str = "") -> str:
    answer = person.browser().get(f"/e/norte/biblioteca/{document_id}/{ending}")
    assert answer.status_code == 200
    return str(answer.content.decode())


def replace(person: Person, document_id: UUID, text: str, **fields: str) -> Any:
    file = SimpleUploadedFile("nuevo.md", text.encode())
    body = {"file": file, "title": "Régimen 2026", "valid_from": "2026-03-01", **fields}
    return person.browser().post(f"/e/norte/biblioteca/{document_id}/version", body, follow=True)


def test_a_new_version_takes_the_place_labels_and_shelf(ana: Person, work_off: Callable[[], None]) -> None:
    shelf = collections.create(ana.member, name="Normas")
    old = upload(ana, collection_id=shelf.pk, issuer="Consejo Escolar", title="Régimen 2024").document_id
    work_off()
    assert "Subir una versión nueva" in page(ana, old)
    shown = replace(ana, old, RULES.replace("25", "20"))
    assert "Versión nueva recibida" in shown.content.decode()
    work_off()
    with school_scope(ana.school_id):
        new = Document.objects.get(supersedes_id=old)
        assert (new.collection_id, new.issuer, new.title) == (shelf.pk, "Consejo Escolar", "Régimen 2026")
        assert new.valid_from == date(2026, 3, 1)
    for key in (old, new.pk):
        history = page(ana, key)
        assert history.index("Régimen 2026</") < history.rindex("Régimen 2024</")
        assert f"/e/norte/biblioteca/{old}/original" in history
        assert f"/e/norte/biblioteca/{old}/leer" in history
    assert "Dejó de regir el 28/02/2026; lo reemplaza «Régimen 2026»." in page(ana, old)
    banner = page(ana, old, "leer")
    assert "Dejó de regir el 28/02/2026" in banner
    assert f"/e/norte/biblioteca/{new.pk}/leer" in banner
    assert "Dejó de regir" not in page(ana, new.pk, "leer")
    # From the older one no second line begins.
    assert "Subir una versión nueva" not in page(ana, old)
    assert "Ya hay una versión posterior" in replace(ana, old, "# Otro").content.decode()
    assert "Subir una versión nueva" in page(ana, new.pk)


def test_the_same_file_replaces_nothing(ana: Person, pair: tuple[UUID, UUID]) -> None:
    assert "Es el mismo archivo" in replace(ana, pair[0], RULES).content.decode()
    known = replace(ana, pair[0], RULES.replace("25", "20")).content.decode()
    assert "Ese archivo ya está en la biblioteca como «Régimen académico»" in known
    assert state(ana, pair[0]) == State.IN_FORCE


def test_a_bad_file_or_day_is_said_and_nothing_is_kept(ana: Person, pair: tuple[UUID, UUID]) -> None:
    for fields in ({"valid_from": ""}, {"valid_from": "ayer"}, {"title": ""}):
        replace(ana, pair[0], "# Otro", **fields)
    assert "está vacío" in replace(ana, pair[0], "").content.decode()
    with school_scope(ana.school_id):
        assert Document.objects.count() == 2


def test_a_hidden_successor_is_told_without_its_name(
    ana: Person, beto: Person, pair: tuple[UUID, UUID]
) -> None:
    old, new = pair
    tie(ana, new, old)
    hidden = collections.create(ana.member, name="Reservada")
    library.change(ana.member, new, changes=Changes(title="Régimen secreto", collection_id=hidden.pk))
    general = next(row for row in collections.visible(ana.member) if row.is_default)
    Membership.objects.filter(pk=beto.membership.pk).update(collections=[general.pk])
    for ending in ("", "leer", "fila"):
        shown = page(beto, old, ending)
        assert "secreto" not in shown
        assert str(new) not in shown
    assert "lo reemplaza otro documento" in page(beto, old)
    told = beto.program().get(f"{PATH}{old}/").json()["validity"]
    assert told["replaced_by"] == {"document_id": None, "title": None}
    assert "secreto" in page(ana, old)


def test_the_form_keeps_a_tie_that_it_did_not_show(
    ana: Person, beto: Person, pair: tuple[UUID, UUID]
) -> None:
    own = upload(beto, name="acta.md", text="# Acta").document_id
    secret = collections.create(ana.member, name="Reservada")
    old = upload(ana, name="b.md", text="# B", collection_id=secret.pk).document_id
    tie(ana, own, old)
    general = next(row for row in collections.visible(ana.member) if row.is_default)
    Membership.objects.filter(pk=beto.membership.pk).update(collections=[general.pk])
    form = {"title": "Acta", "collection": str(general.pk), "sensitivity": "", "supersedes": ""}
    path = f"/e/norte/biblioteca/{own}/cambiar"
    assert beto.browser().post(path, form).status_code == 302
    assert library.get(ana.member, own).supersedes_id == old
    assert ana.browser().post(path, form).status_code == 302
    assert library.get(ana.member, own).supersedes_id is None
    chosen = form | {"supersedes": str(pair[0]), "issuer": "Inspección"}
    assert ana.browser().post(path, chosen).status_code == 302
    assert library.get(ana.member, own).supersedes_id == pair[0]
    assert library.get(ana.member, own).document.issuer == "Inspección"
    assert beto.browser().post(path, chosen | {"supersedes": str(pair[1])}).status_code == 400
