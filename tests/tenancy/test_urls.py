"""The matrix: every address that the resolver knows, every method, as nobody, as a stranger, and as each role."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import transaction
from django.test import Client
from django.urls import reverse

from documents.models import Collection
from schools.admission import rights_of
from schools.models import School
from schools.roles import RIGHTS, Can, Role
from schools.scope import school_scope
from tests import streams
from tests.conftest import Person, join
from tests.tenancy.call import PLAIN, Call
from tests.tenancy.matrix import (
    CountingStorage,
    Things,
    client_of,
    furnish,
    nobody,
    path_of,
    random_ids,
    send,
    written,
)
from tests.tenancy.urls import ADMIN, CALLS, LOGGED_IN, METHODS, PUBLIC, THIRD_PARTY, addresses

_TOKEN = re.compile(rb"(?<![A-Za-z0-9])[A-Za-z0-9]{64}(?![A-Za-z0-9])")
ADDRESSES = {each.name: each for each in addresses()}
READS = [call for call in CALLS if call.method == "GET"]


# --- the list is whole ------------------------------------------------------------------------------------------------


def test_every_address_is_classified() -> None:
    known = set(PUBLIC) | set(LOGGED_IN) | {call.url for call in CALLS}
    foreign = (*ADMIN, *THIRD_PARTY)
    found = {each.name for each in addresses()}
    assert {name for name in found - known if not name.startswith(foreign)} == set(), "classify it in urls.py"
    assert known - found == set(), "no such address any more"


def test_every_address_with_a_schools_name_is_a_schools() -> None:
    with_slug = {each.name for each in addresses() if "slug" in each.parameters}
    assert with_slug == {call.url for call in CALLS}
    for name in with_slug:
        assert rights_of(ADDRESSES[name].view), f"{name} carries no @in_school"


@pytest.mark.parametrize("name", sorted({call.url for call in CALLS}))
def test_the_rights_listed_here_are_those_of_the_code(name: str) -> None:
    declared = rights_of(ADDRESSES[name].view)
    listed = {call.method: call.can for call in CALLS if call.url == name}
    if "*" in declared:
        assert {declared["*"]} == set(listed.values())
    else:
        assert declared == listed


def test_no_foreign_address_leads_to_a_schools_rows() -> None:
    """In the administration stand people and schools; nothing that lies behind the wall."""
    from django.contrib import admin

    from schools.guard import tenant_models

    assert {model._meta.label for model in admin.site._registry} & {
        m._meta.label for m in tenant_models()
    } == set()
    assert {model._meta.label for model in admin.site._registry} == {
        "schools.School",
        "schools.User",
        "django_rq.Dashboard",  # the queues: messages hold ids
    }


# --- two schools with a row for every address -------------------------------------------------------------------------


@pytest.fixture(scope="module")
def furnished(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[Things, Things]]:
    """Furnish both schools once, in a transaction around the tests: what each of them writes is undone by itself."""
    with django_db_blocker.unblock(), transaction.atomic():
        things = _furnish("norte", "ana"), _furnish("sur", "zoe")
        with django_db_blocker.block():
            yield things
        transaction.set_rollback(True)


def _furnish(slug: str, director: str) -> Things:
    school = School.objects.create(slug=slug, name=f"Escuela {slug.capitalize()}")
    return furnish(join(school, f"{director}@{slug}.example", Role.DIRECTOR))


@pytest.fixture
def norte_things(furnished: tuple[Things, Things], db: None, counting: None) -> Things:
    return furnished[0]


@pytest.fixture
def sur_things(furnished: tuple[Things, Things], db: None, counting: None) -> Things:
    return furnished[1]


@pytest.fixture
def ana(norte_things: Things) -> Person:
    return norte_things.director


@pytest.fixture
def counting(settings: Any) -> Iterator[None]:
    """Count what is opened in the store of files."""
    kept: dict[str, Any] = dict(django_settings.STORAGES)
    kept["default"] = {**kept["default"], "BACKEND": "tests.tenancy.matrix.CountingStorage"}
    settings.STORAGES = kept
    yield
    CountingStorage.touched.clear()


def _parameters(call: Call) -> tuple[str, ...]:
    return ADDRESSES[call.url].parameters


def _path(call: Call, slug: str, ids: Any) -> str:
    return path_of(call, slug=slug, ids=ids, parameters=_parameters(call))


def _names_a_row(call: Call) -> bool:
    return any(name not in PLAIN for name in _parameters(call) if name != "slug")


@contextmanager
def _taken_back() -> Iterator[None]:
    """Undo what is written inside."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def _untouched() -> Iterator[None]:
    """Make sure that no row of any school was written and no file opened inside."""
    before = written()
    CountingStorage.touched.clear()
    yield
    assert written() == before
    assert CountingStorage.touched == []


@pytest.mark.django_db
def test_what_is_written_does_not_go_unnoticed(norte_things: Things) -> None:
    with pytest.raises(AssertionError), _untouched(), school_scope(norte_things.director.school_id):
        Collection.objects.filter(pk=norte_things.ids["collection"]).update(name="Otra")


def _content(response: Any) -> bytes:
    """Return what was answered, with the tokens of forms, which differ each time, taken out."""
    return _TOKEN.sub(b"token", _raw(response))


def _raw(response: Any) -> bytes:
    if not getattr(response, "streaming", False):
        return bytes(response.content)
    if "event-stream" in response.get("Content-Type", ""):
        return repr(
            streams.read(response, most=1 if "avance" in response.request["PATH_INFO"] else 1000)
        ).encode()
    return streams.gather(response)


def _headers(response: Any) -> dict[str, str]:
    return dict(response.headers)


def _served(call: Call, things: Things, person: Person | None = None) -> bytes:
    """Make the call as it should be made; return its content, or fail."""
    owner = person or things.director
    with _taken_back():
        response = send(
            client_of(owner, call), call, _path(call, things.slug, things.ids), call.body(things.ids)
        )
        assert response.status_code in call.served, _content(response)[:2000]
        return _content(response)


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_nobody_is_sent_to_log_in(call: Call, norte_things: Things) -> None:
    path = _path(call, norte_things.slug, norte_things.ids)
    with _untouched():
        response = send(nobody(call), call, path, call.body(norte_things.ids))
        unknown = send(nobody(call), call, _path(call, "no-hay", random_ids()), call.body(norte_things.ids))
        if call.is_api:
            assert response.status_code == unknown.status_code == 401
            assert response["WWW-Authenticate"]
            # That there is such a school, or such a row, is not told to nobody.
            assert _content(response) == _content(unknown)
        else:
            assert response.status_code == unknown.status_code == 302
            assert response["Location"].startswith("/cuenta/login/")
    _served(call, norte_things)


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_a_stranger_gets_the_404_of_what_does_not_exist(
    call: Call, norte_things: Things, sur_things: Things
) -> None:
    zoe = client_of(sur_things.director, call)
    body = call.body(sur_things.ids)
    with _untouched():
        at_norte = send(zoe, call, _path(call, "norte", norte_things.ids), body)
        at_nowhere = send(zoe, call, _path(call, "no-hay", random_ids()), body)
        assert at_norte.status_code == at_nowhere.status_code == 404
        assert _content(at_norte) == _content(at_nowhere)
        assert _headers(at_norte) == _headers(at_nowhere)
        if _names_a_row(call):
            # Her own school's address, with the id of Norte's row in it.
            theirs = send(zoe, call, _path(call, "sur", norte_things.ids), body)
            random = send(zoe, call, _path(call, "sur", random_ids()), body)
            assert theirs.status_code == random.status_code == 404
            assert _content(theirs) == _content(random)
            assert _headers(theirs) == _headers(random)
    _served(call, norte_things)
    _served(call, sur_things)


@pytest.mark.parametrize("call", [call for call in READS if call.is_api], ids=str)
def test_a_stranger_with_a_session_is_one_with_a_token(
    call: Call, norte_things: Things, sur_things: Things
) -> None:
    path = _path(call, "norte", norte_things.ids)
    headers = {"Accept": call.accept or "*/*"}
    assert sur_things.director.browser().get(path, headers=headers).status_code == 404
    assert sur_things.director.program().head(path, headers=headers).status_code == 404
    served = norte_things.director.browser().get(path, headers=headers)
    assert served.status_code == 200
    _content(served)


WRITES = [call for call in CALLS if call.method != "GET"]


@pytest.mark.parametrize("call", WRITES, ids=str)
def test_another_site_cannot_write_with_ones_session(call: Call, norte_things: Things) -> None:
    """A page elsewhere can make a browser send its cookie; it does not have the token."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(norte_things.director.user, backend="django.contrib.auth.backends.ModelBackend")
    with _untouched():
        path = _path(call, "norte", norte_things.ids)
        assert send(client, call, path, call.body(norte_things.ids)).status_code == 403


NESTED = [(call, field, thing) for call in CALLS for field, thing in call.nested]


@pytest.mark.parametrize(("call", "field", "thing"), NESTED, ids=lambda each: str(each))
def test_anothers_id_inside_a_body_is_refused_and_nothing_is_stored(
    call: Call, field: str, thing: str, norte_things: Things, sur_things: Things
) -> None:
    zoe = client_of(sur_things.director, call)
    path = _path(call, "sur", sur_things.ids)
    name = field.removesuffix("[]")

    def body(*ids: Any) -> dict[str, Any]:
        value = [str(each) for each in ids] if field.endswith("[]") else str(ids[-1])
        made = {**call.body(sur_things.ids), name: value}
        made.pop("every_collection", None)
        return made

    answers = []
    mine = sur_things.ids[thing]
    for foreign in (norte_things.ids[thing], random_ids()[thing]):
        # Alone, and among what is hers in the first, the middle and the last place: each element is looked at.
        places = ((foreign,), (foreign, mine, mine), (mine, foreign, mine), (mine, mine, foreign))
        for ids in places if field.endswith("[]") else places[:1]:
            with _untouched():
                response = send(zoe, call, path, body(*ids))
                refused = (400, 404) if call.is_api or call.served != (302,) else (302, 400, 404)
                assert response.status_code in refused, _content(response)[:500]
            answers.append((response.status_code, _content(response) if call.is_api else b""))
    half = len(answers) // 2
    assert answers[:half] == answers[half:], "a row of another school is told apart from none"
    with _taken_back():
        response = send(zoe, call, path, body(sur_things.ids[thing]))
        assert response.status_code in call.served, _content(response)[:500]
        _content(response)


def test_a_foreign_id_among_those_in_an_address_is_refused_in_every_place(
    norte_things: Things, sur_things: Things
) -> None:
    """Red when shelves.seen looks at the first alone."""
    zoe, mine = sur_things.director.browser(), sur_things.ids["collection"]
    path = reverse("laboratory:question", kwargs={"slug": "sur"})
    for foreign in (norte_things.ids["collection"], random_ids()["collection"]):
        for ids in ((foreign,), (foreign, mine, mine), (mine, foreign, mine), (mine, mine, foreign)):
            with _untouched():
                answered = zoe.get(path, {"pregunta": "¿Qué?", "colecciones": [str(each) for each in ids]})
            assert answered.status_code == 404
    assert zoe.get(path, {"pregunta": "¿Qué?", "colecciones": [str(mine)]}).status_code == 200


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_each_role_may_do_what_its_rights_say(call: Call, norte_things: Things) -> None:
    """Of the roles that may, the one with the fewest rights does: whoever has more may then too."""
    is_served = False
    for role in sorted(Role, key=lambda each: len(RIGHTS[each])):
        wanted = _answer_for(call, RIGHTS[role])
        if wanted is None and is_served:
            continue
        person = join(norte_things.director.school, f"{role}@norte.example", role)
        if wanted is None:
            _served(call, norte_things, person)
            is_served = True
            continue
        client, path = client_of(person, call), _path(call, "norte", norte_things.ids)
        with _untouched():
            response = send(client, call, path, call.body(norte_things.ids))
            assert response.status_code == wanted, role


def _answer_for(call: Call, rights: frozenset[Can]) -> int | None:
    """Return what another member with these rights is answered; None: the thing itself."""
    if not {call.can, call.also or call.can} <= rights:
        return 403
    if call.is_private and call.opened_by not in rights:
        return 404
    if call.is_uploaders and Can.MANAGE_DOCUMENTS not in rights:
        return 302 if not call.is_api and call.served == (302,) else 403
    return None


def _limited(things: Things, role: Role = Role.DIRECTOR) -> Person:
    return join(things.director.school, "limitada@norte.example", role, collections=[things.ids["elsewhere"]])


@pytest.mark.parametrize("call", [call for call in CALLS if call.is_shelved], ids=str)
def test_what_stands_on_another_shelf_is_not_there(call: Call, norte_things: Things) -> None:
    client = client_of(_limited(norte_things), call)
    body = call.body({**norte_things.ids, "collection": norte_things.ids["elsewhere"]})
    with _untouched():
        hidden = send(client, call, _path(call, "norte", norte_things.ids), body)
        random = send(client, call, _path(call, "norte", random_ids()), body)
        assert hidden.status_code == random.status_code == 404
        assert _content(hidden) == _content(random)
    _served(call, norte_things)


@pytest.mark.parametrize(("call", "field", "thing"), NESTED, ids=lambda each: str(each))
def test_what_stands_on_another_shelf_cannot_be_named_in_a_body(
    call: Call, field: str, thing: str, norte_things: Things
) -> None:
    if _names_a_row(call) and (call.is_shelved or call.is_private):
        pytest.skip("the row in the path is out of reach already")
    client = client_of(_limited(norte_things), call)
    value = str(norte_things.ids[thing])
    body = {
        **call.body(norte_things.ids),
        field.removesuffix("[]"): [value] if field.endswith("[]") else value,
    }
    body.pop("every_collection", None)
    with _untouched():
        response = send(client, call, _path(call, "norte", norte_things.ids), body)
        assert response.status_code in ((400, 404) if call.is_api else (302, 400, 404)), _content(response)[
            :500
        ]


LISTS = [call for call in READS if not _names_a_row(call)]


@pytest.mark.parametrize("call", LISTS, ids=str)
def test_lists_pages_and_streams_tell_nothing_of_what_one_may_not_see(
    call: Call, norte_things: Things, sur_things: Things
) -> None:
    secrets = [
        norte_things.canary,
        *(str(norte_things.ids[name]) for name in ("document", "collection", "spare")),
    ]
    shown = _served(call, norte_things).decode("utf-8", "replace")
    theirs = _served(call, sur_things).decode("utf-8", "replace")
    assert not any(each in theirs for each in secrets)
    if "events" in call.url:
        assert shown != "[]"
        return  # for a limited member it is silent: see test_streams.py
    path = _path(call, "norte", norte_things.ids)
    limited = _content(send(client_of(_limited(norte_things, Role.TEACHER), call), call, path, {})).decode(
        "utf-8", "replace"
    )
    assert not any(each in limited for each in secrets)


@pytest.mark.parametrize("name", sorted({call.url for call in CALLS}))
def test_no_other_method_does_anything(name: str, norte_things: Things) -> None:
    calls = [call for call in CALLS if call.url == name]
    path = _path(calls[0], "norte", norte_things.ids)
    client: Any = client_of(norte_things.director, calls[0])
    for method in set(METHODS) - {call.method for call in calls}:
        with _untouched():
            assert getattr(client, method.lower())(path).status_code == 405, method


@pytest.mark.parametrize(("name", "methods"), [*PUBLIC.items(), *LOGGED_IN.items()])
def test_no_other_method_of_an_open_address_does_anything(
    name: str, methods: tuple[str, ...], ana: Person
) -> None:
    path = reverse(name, kwargs={"token": "x"} if name == "schools:invitation" else {})
    client: Any = ana.program() if "_api" in name else ana.browser()
    for method in set(METHODS) - set(methods):
        status = getattr(client, method.lower())(path).status_code
        # Django's redirect answers any method with the address, and does nothing.
        assert status == 405 or name == "root", method


@pytest.mark.parametrize("name", LOGGED_IN)
def test_what_is_about_oneself_is_about_nobody_else(
    name: str, norte_things: Things, sur_things: Things
) -> None:
    api = "_api" in name
    zoe: Any = sur_things.director.program() if api else sur_things.director.browser()
    page = zoe.get(reverse(name) + "?todas").content.decode()
    assert "Escuela Sur" in page
    assert "Norte" not in page


# --- a member who is sent away ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("call", READS, ids=str)
def test_who_is_sent_away_is_out_at_the_next_request(call: Call, norte_things: Things) -> None:
    person = norte_things.director
    client = client_of(person, call)
    path = _path(call, "norte", norte_things.ids)
    for row, refused in (
        (person.membership, 404),
        (person.school, 404),
        (person.user, 401 if call.is_api else 302),
    ):
        first = send(client, call, path, {})
        assert first.status_code == 200
        _content(first)
        with _taken_back():
            type(row).objects.filter(pk=row.pk).update(is_active=False)
            assert send(client, call, path, {}).status_code == refused
