"""Requests that no browser and no program of good will makes, to every address: a refusal each, never a crash.

NUL in each field (Postgres keeps none), half characters, absurd numbers, bodies cut, nested without end, or of another
kind than they say. By day each field gets the two that broke most; by night all of them.
"""

import json
import os
import re
from collections.abc import Iterator
from functools import partial
from itertools import cycle, islice
from typing import Any

from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse

from tests.fuzz.teller import PARAMETERS, Teller
from tests.tenancy.matrix import path_of, send
from tests.tenancy.urls import CALLS

BY_NIGHT = bool(os.environ.get("PRECEPTOR_TEST_LONG"))
NUL, HALF = "a\0b", "a\ud800b"
NASTY = [
    NUL,
    HALF,
    "",
    " ",
    "9" * 400,
    "-1",
    "1e400",
    "NaN",
    "null",
    "[]",
    "x" * 70_000,
    "../../etc/passwd",
    "%00",
]
NASTY += [
    "2026-02-30",
    "0000-00-00",
    "99999-01-01",
    "0001-01-01",
    "9999-12-31",
    "٣",
    "\u202eacta",
    "<script>",
    "{{7*7}}",
]
GIVEN = NASTY if BY_NIGHT else NASTY[:2]
SOME = CALLS if BY_NIGHT else CALLS[::8]  # what is the same for all addresses: a header, a path
WRITES = [call for call in CALLS if call.method != "GET"]
READS = [call for call in CALLS if call.method == "GET"]
JSON_CALLS = [call for call in WRITES if call.kind == "json"]
BODIES = {
    "cut": b'{"name": "Act',
    "of another charset": '{"name": "Año"}'.encode("utf-16"),
    "no characters": b'{"name": "\xff\xfe\xed\xa0\x80"}',
    "half a character": b'{"name": "\\ud800", "text": "\\udfff", "title": "\\ud800"}',
    "a NUL, bare": b'{"name": "a\0b"}',
    "a number without end": b'{"name": ' + b"9" * 5_000 + b"}",
    "a number past all": b'{"name": 1e999, "index": -1e999, "rating": 1e400, "versions": [1e30]}',
    "not a number": b'{"name": NaN, "index": Infinity}',
    "nested": b"[" * 100_000,
    "nested in a field": b'{"name": ' + b'{"a":' * 50_000 + b"1" + b"}" * 50_000 + b"}",
    "twice the same": b'{"name": "a", "name": ["b"], "name": {"c": 1}}',
    "a list": b"[1, 2]",
    "a word": b'"acta"',
    "nothing": b"null",
    "empty": b"",
    "NUL in every field": json.dumps(
        {
            **dict.fromkeys(("text", "standalone_question", "at_date", "prompt_id", "note", "query"), "a\0b"),
            "prompt_values": {"a\0b": "a\0b"},
            "collections": ["a\0b"],
            "changes": [[0, "a\0b", "a\0b"]],
            "revs": {"a\0b": 1},
        }
    ).encode(),
    "NUL in a key": b'{"na\\u0000me": "x", "__proto__": {}, "": 1}',
}
KINDS_OF_BODY = (
    "application/json",
    "application/json; charset=utf-16",
    "application/json; charset=no-such",
    "text/xml",
    "multipart/form-data",
    "multipart/form-data; boundary=\x01",
    "application/x-www-form-urlencoded; charset=utf-7",
    "",
    "x" * 5_000,
)


def names_asked() -> list[str]:
    """Return every word that some view reads behind the question mark, as the code has them."""
    asked = re.compile(r"(?:GET|query_params)(?:\.get|\.getlist)?[(\[]\s*\"(\w+)\"")
    apps = ("schools", "documents", "rag", "engines", "transcription", "planillas", "pipeline", "config")
    sources = (path.read_text() for app in apps for path in (django_settings.BASE_DIR / app).rglob("*.py"))
    shapes = (
        "q",
        "collection",
        "status",
        "validity",
        "sensitivity",
        "limit",
        "before",
        "after",
        "fmt",
        "version",
    )
    return sorted({*shapes, *(name for source in sources for name in asked.findall(source))})


def _spoilt(value: Any, nasty: str) -> Iterator[Any]:
    """Give the body once for each text in it, that one spoilt."""
    match value:
        case str() | None | bool() | int() | float():
            yield nasty
        case dict():
            for name in value:
                for worse in _spoilt(value[name], nasty):
                    yield {**value, name: worse}
        case list():
            for at, each in enumerate(value):
                for worse in _spoilt(each, nasty):
                    yield [*value[:at], worse, *value[at + 1 :]]


def test_a_field_may_hold_anything(teller: Teller) -> None:
    """Red when a field of a shape or a form lets NUL through to Postgres."""
    for call in WRITES:
        client, path = teller.client(call), teller.path(call)
        for nasty in GIVEN:
            if call.kind == "form" and nasty == HALF:
                continue  # a form's bytes cannot say it
            for body in _spoilt(call.body(teller.things.ids), nasty):
                # Escaped, as no library writes half a character.
                ask = (
                    partial(
                        client.generic, call.method, path, json.dumps(body), content_type="application/json"
                    )
                    if call.kind == "json"
                    else partial(send, client, call, path, body)
                )
                teller.tell(f"{call} {str(body)[:300]!a}", ask)
    teller.check()
    assert {302, 400} <= teller.statuses


def test_what_stands_behind_the_question_mark_may_be_anything(teller: Teller) -> None:
    """Red when a page hands what it was asked to Postgres, or to int(), as it came."""
    names = names_asked()
    assert len(names) > 20
    raw = ["%00", "%FF", "%ED%A0%80", "a%00b", "-1", "9" * 400, "%D9%A3", "%F0%9F%92%A9"]
    for call in READS if BY_NIGHT else READS[::2]:
        client, path = teller.client(call), teller.path(call).partition("?")[0]
        headers = {"Accept": call.accept} if call.accept else {}
        for value in raw if BY_NIGHT else raw[:1]:
            for few in [[name] for name in names] if BY_NIGHT else [names]:
                query = "&".join(f"{name}={value}" for name in few)
                ask = partial(client.get, f"{path}?{query}", headers=headers)
                teller.tell(f"{call} ?{query[:200]}", ask)
    teller.check()


def test_a_body_may_be_anything(teller: Teller) -> None:
    """Red when the parser of JSON lets a RecursionError, a ValueError of int() or half characters out.

    All have one parser: by day each address gets one of the bodies, the next one the next.
    """
    turns = cycle(BODIES.items())
    for call in JSON_CALLS:
        client = teller.client(call)
        for name, body in list(BODIES.items()) if BY_NIGHT else list(islice(turns, 1)):
            teller.tell(
                f"{call} {name}",
                partial(
                    client.generic, call.method, teller.path(call), body, content_type="application/json"
                ),
            )
    teller.check()
    assert 400 in teller.statuses


def test_a_body_may_say_it_is_another_kind(teller: Teller) -> None:
    """Red when a charset that does not exist, or a form without a boundary, crashes what reads it."""
    turns = cycle(KINDS_OF_BODY)
    for call in WRITES if BY_NIGHT else WRITES[::2]:
        client = teller.client(call)
        for kind in KINDS_OF_BODY if BY_NIGHT else islice(turns, 1):
            body = b'{"name": "Acta", "title": "Acta", "text": "Acta"}'
            teller.tell(
                f"{call} {kind[:80]!a}",
                partial(client.generic, call.method, teller.path(call), body, content_type=kind),
            )
    teller.check()


def test_a_form_may_name_anything(teller: Teller) -> None:
    """Red when the name of a field or file reaches Postgres or the disk as it came."""
    bodies = [
        _part('name="a\0b"', b"x") + _part('name="name"', b"a\0b"),
        _part('name="file"; filename="a\0b.md"', b"# Acta") + _part('name="title"', b"a\0b"),
        _part('name="file"; filename="..\\..\\%00.md"', b"# Acta") + _part('name="title"', b"\xff\xfe"),
        _part('name="file"; filename="' + "x" * 5_000 + '.md"', b"# Acta"),
        _part("name*=utf-8''%00; filename*=no-such''a.md", b"# Acta"),
        _part('name="file"; filename=""', b""),
        b"--x\r\nContent-Disposition: form-data; name=file",
    ]
    turns = cycle(bodies)
    for call in WRITES:
        if call.kind != "form":
            continue
        client = teller.client(call)
        for body in bodies if BY_NIGHT or "file" in call.body(teller.things.ids) else islice(turns, 1):
            ask = partial(
                client.generic,
                call.method,
                teller.path(call),
                body + b"--x--\r\n",
                content_type="multipart/form-data; boundary=x",
            )
            teller.tell(f"{call} {body[:200]!a}", ask)
    teller.check()


def _part(disposition: str, content: bytes) -> bytes:
    return b"--x\r\nContent-Disposition: form-data; " + disposition.encode() + b"\r\n\r\n" + content + b"\r\n"


HEADERS = {
    "Accept": ("text/event-stream;q=x", "*/*;q=9e999", "\0", "application/json; charset=\xff", "a/" * 2_000),
    "Range": ("bytes=9-1", "bytes=-", "bytes=" + "0-0," * 500, "bytes=" + "9" * 5_000 + "-", "x=\xff"),
    "If-None-Match": ('"\0"', "*", "W/" * 3_000),
    "If-Modified-Since": ("Thu, 99 Foo 2026 99:99:99 GMT", "\0"),
    "Idempotency-Key": ("a\0b", "\xff", "x" * 201, "", " "),
    "Accept-Language": ("\0", "es-" * 2_000, "*;q=x"),
    "X-Forwarded-For": ("\0", "999.999.999.999", "x" * 5_000),
    "Hx-Request": ("true\0",),
    "Hx-Current-Url": ("http://[::1", "\0", "%00"),
    "Last-Event-Id": ("\0", "9" * 400),
    "Cookie": (
        "sessionid=a%00b; csrftoken=\0",
        "messages=\xff; sessionid=" + "x" * 9_000,
        "=;=;==",
        "a" * 60_000,
    ),
}


def test_a_header_may_be_anything(teller: Teller) -> None:
    """Red when a header is taken for a number, an address or a key without a look."""
    few = cycle((name, value) for name, values in HEADERS.items() for value in values)
    for call in SOME:
        client = teller.client(call)
        every = [(name, value) for name, values in HEADERS.items() for value in values]
        for name, value in every if BY_NIGHT else islice(few, 3):
            headers = {**({"Accept": call.accept} if call.accept else {}), name: value}
            ask = partial(client.generic, call.method, teller.path(call), headers=headers)
            teller.tell(f"{call} {name}: {value[:80]!a}", ask)
    teller.check()


def test_a_path_may_be_anything(teller: Teller) -> None:
    """Red when the name of a school, a page's number or an engine's name goes to Postgres as it came."""
    browser = Client(raise_request_exception=False)
    browser.force_login(teller.things.director.user)
    for call in SOME:
        parameters = PARAMETERS[call.url]
        known = path_of(call, slug="norte", ids=teller.things.ids, parameters=parameters).partition("?")[0]
        for worse in ("%00", "a%00b", "%FF", "9" * 400, "%2e%2e%2f", "x" * 3_000):
            paths = [
                known.replace("/norte/", f"/{worse}/"),
                f"{known}{worse}",
                known.rstrip("/") + f"/{worse}/",
            ]
            paths += [known.replace(f"/{plain}", f"/{worse}") for plain in ("quoting", "1.png", "/1")]
            for path in dict.fromkeys(paths) if BY_NIGHT else paths[:1]:
                teller.tell(f"{call} {path[:200]}", partial(browser.generic, call.method, path))
    teller.check()


def test_the_door_may_be_asked_anything(teller: Teller) -> None:
    """Red when what logs in hands NUL to Postgres or to what checks passwords."""
    nobody = Client(raise_request_exception=False)
    for nasty in NASTY:
        fields = {
            "login": nasty,
            "email": nasty,
            "password": nasty,
            "refresh": nasty,
            "next": nasty,
            "code": nasty,
        }
        for name in ("schools_api:login", "schools_api:refresh", "schools_api:logout"):
            for body in ({**fields, "email": "ana@norte.example"}, fields):
                ask = partial(nobody.post, reverse(name), body, content_type="application/json")
                teller.tell(f"{name} {nasty[:40]!a}", ask)
        if nasty == HALF:
            continue
        for name in ("account_login", "account_reset_password", "mfa_authenticate"):
            for body in ({**fields, "login": "ana@norte.example"}, fields):
                teller.tell(f"{name} {nasty[:40]!a}", partial(nobody.post, reverse(name), body))
        teller.tell("invitation", partial(nobody.get, "/invitacion/", {"token": nasty}))
    teller.check()
