"""T19: the server opens a connection to nothing that a school, a person or a file names, and follows no redirect.

Addresses stand in the technician's hands alone: `engines.yaml` and the environment. There is no "import from an
address", no webhook and no picture that is fetched; these tests are what says so, and what a new one must pass.
"""

import http.server
import ipaddress
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.validators import URLValidator
from django.db import models
from django.urls import get_resolver, reverse
from rest_framework import serializers

from documents import uploads
from documents.models import Document, Status
from engines import discovery
from rag import store
from schools.guard import tenant_models
from schools.scope import school_scope
from tests.conftest import Person
from tests.house.tree import PRODUCT, ours, text

# Of threats.md, section 6, and the loopback spelled as parsers read it differently. {port}: of a server that listens.
LOOPBACK = (
    "127.0.0.1", "127.1", "0x7f000001", "2130706433", "0177.0.0.1", "0", "0.0.0.0", "localhost", "LOCALHOST.",
    "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "127.0.0.1.nip.io", "evil.example@127.0.0.1",
    "127.0.0.1#@evil.example", "127。0。0。1", "①②⑦.0.0.1",
)  # fmt: skip
INNER = (
    "169.254.169.254", "[::ffff:a9fe:a9fe]", "[64:ff9b::a9fe:a9fe]", "[2002:a9fe:a9fe::]", "[fd00:ec2::254]",
    "100.100.100.200", "10.0.0.1", "metadata.google.internal",
)  # fmt: skip
NAMED_LIKE_AN_ADDRESS = re.compile(
    r"(?:^|_)(?:url|uri|href|host|endpoint|base|webhook|callback|server|proxy|origin|redirect|import_from)(?:$|_)"
)
# What only looks like it; each says why.
ALLOWED = {"WholePlanilla.next": "an answer: where a program finds the next page here"}


@dataclass
class Listener:
    """A server on loopback that notes who came, and sends everybody elsewhere."""

    port: int = 0
    came: list[str] = field(default_factory=list)


@contextmanager
def listening(*, elsewhere: str = "") -> Iterator[Listener]:
    """Listen on both loopbacks; answer everything with a redirect to `elsewhere`, or with nothing at all."""
    heard = Listener()

    class Handler(http.server.BaseHTTPRequestHandler):
        def handle_one_request(self) -> None:
            heard.came.append("")  # whoever opens a line has come, before a word is said
            super().handle_one_request()

        def _send_elsewhere(self) -> None:
            heard.came[-1] = self.path
            self.send_response(307)
            self.send_header("Location", f"{elsewhere or ''}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST = do_PUT = do_HEAD = _send_elsewhere  # noqa: N815  # as http.server calls them

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    class Server(http.server.ThreadingHTTPServer):
        address_family = socket.AF_INET6
        daemon_threads = True

        def server_bind(self) -> None:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            super().server_bind()

    with Server(("::", 0), Handler) as server:
        heard.port = server.server_address[1]
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        serving.start()
        try:
            yield heard
        finally:
            server.shutdown()
            serving.join()


def _addresses(port: int) -> list[str]:
    found = [f"{scheme}://{host}:{port}/x" for host in LOOPBACK for scheme in ("http", "HTTP")]
    return [*found, *(f"http://{host}/latest/meta-data/" for host in INNER), f"//127.0.0.1:{port}/x"]


def _files(port: int) -> Iterator[tuple[str, bytes]]:
    """Yield files that ask for something at each address, in every way their kinds know."""
    every = _addresses(port)
    page = "".join(
        f'<img src="{at}"><link rel="stylesheet" href="{at}"><script src="{at}"></script><iframe src="{at}"></iframe>'
        f'<object data="{at}"></object><a href="{at}" ping="{at}">acta</a><video src="{at}" poster="{at}"></video>'
        f"<p style=\"background:url('{at}')\">El consejo.</p>"
        for at in every
    )
    base = f'<base href="{every[0]}"><meta http-equiv="refresh" content="0;url={every[0]}">'
    html = f"<!DOCTYPE html><html><head>{base}</head><body><h1>Acta</h1>{page}</body></html>"
    yield "pagina.html", html.encode()
    yield (
        "texto.md",
        "".join(f"# Acta\n\n![x]({at}) [y]({at}) <{at}>\n\n[r]: {at}\n" for at in every).encode(),
    )
    yield "datos.csv", "".join(f'"=WEBSERVICE(""{at}"")";"=IMPORTXML(""{at}"")"\n' for at in every).encode()
    letter = EmailMessage()
    letter["From"], letter["Subject"], letter["MIME-Version"] = "a@example.com", "Acta", "1.0"
    letter.set_content("Va.")
    letter.add_alternative(html, subtype="html")
    part = EmailMessage()
    part["Content-Type"] = f'message/external-body; access-type=URL; URL="{every[0]}"'
    part.set_payload("Content-Type: text/plain\n\n")
    letter.make_mixed()
    letter.attach(part)
    yield "carta.eml", letter.as_bytes()
    saved = f"From: <Saved by Blink>\nSnapshot-Content-Location: {every[0]}\nMIME-Version: 1.0\n"
    saved += "Content-Type: multipart/related; boundary=b\n\n--b\nContent-Type: text/html\n"
    saved += f"Content-Location: {every[0]}"
    yield "guardada.mhtml", f"{saved}\n\n{html}\n--b--\n".encode()


@pytest.mark.long
def test_what_a_file_names_is_never_fetched(ana: Person, work_off: Callable[[], None]) -> None:
    """Red when a parser, a page or the viewer asks for one of them: the listener is there and notes it."""
    with listening() as heard:
        for name, content in _files(heard.port):
            uploads.receive(ana.member, SimpleUploadedFile(name, content), facts=uploads.Facts())
        work_off()
        with school_scope(ana.school_id):
            found = dict(Document.objects.order_by("filename").values_list("filename", "pk"))
            read = Document.objects.filter(status__in=(Status.READY, Status.PARTIAL)).count()
        assert read == len(found) >= 5
        for document_id in found.values():
            page = ana.browser().get(reverse("documents:view", args=["norte", document_id]))
            assert page.status_code == 200
            shown = page.content.decode()
            assert not re.search(rf"(?:src|data|poster|ping|background)=[\"']?[^\"'>]*:{heard.port}", shown)
        assert heard.came == []
        with socket.create_connection(("127.0.0.1", heard.port)):  # it would have heard
            pass


def _inputs() -> Iterator[tuple[str, object]]:
    """Yield every field that people or programs can fill: forms, bodies of the API, columns of a school."""
    get_resolver().url_patterns  # noqa: B018  # imports every view, and with it every form and shape
    reverse("root")
    apps = tuple(f"{name}." for name in PRODUCT)

    def below(kind: type[Any]) -> Iterator[type[Any]]:
        for each in kind.__subclasses__():
            yield each
            yield from below(each)

    for kind in below(forms.BaseForm):
        if f"{kind.__module__}.".startswith(apps):
            yield from ((f"{kind.__qualname__}.{n}", f) for n, f in getattr(kind, "base_fields", {}).items())
    for kind in below(serializers.Serializer):
        if f"{kind.__module__}.".startswith(apps):
            declared = getattr(kind, "_declared_fields", {})
            yield from ((f"{kind.__qualname__}.{n}", f) for n, f in declared.items() if not f.read_only)
    for model in tenant_models():
        yield from ((f"{model.__qualname__}.{f.name}", f) for f in model._meta.get_fields())


# Shapes that only answer: what stands in them comes from us.
ANSWERS = re.compile(r"(?:Shape|Told|Shown|Answer|Result|Uploaded|Page)\.")


def test_no_field_of_the_house_takes_an_address() -> None:
    """Red when somebody adds "import from an address": then it needs the table above, and a client that pins."""
    found = []
    fields = dict(_inputs())
    assert len(fields) > 100
    for name, each in fields.items():
        is_address = isinstance(each, forms.URLField | serializers.URLField | models.URLField) or any(
            isinstance(check, URLValidator) for check in getattr(each, "validators", ())
        )
        looks_so = NAMED_LIKE_AN_ADDRESS.search(name.rpartition(".")[2]) and not ANSWERS.search(name)
        if (is_address or looks_so) and name not in ALLOWED:
            found.append(name)
    assert not found, found


@pytest.mark.parametrize("ask", ["ollama", "qdrant"])
def test_no_client_of_ours_follows_a_redirect(ask: str, settings: Any) -> None:
    """The makers' clients stand in tests/engines/test_contract_chat.py. Red when `follow_redirects` is True."""
    with listening() as inner, listening(elsewhere=f"http://127.0.0.1:{inner.port}") as heard:
        address = f"http://127.0.0.1:{heard.port}"
        if ask == "ollama":
            assert discovery.find_ollama(address, timeout_s=20.0) is None
        else:
            settings.QDRANT_URL = address
            with suppress(Exception):  # what it says of a store that moved is its own matter
                store.ping()
        assert [path for path in heard.came if path]
        assert inner.came == []


def test_nothing_follows_redirects_or_asks_a_proxy() -> None:
    """Red when a client is made with `follow_redirects=True` or without a word on proxies."""
    clients = re.compile(r"httpx2?\.(?:Async)?Client\((?P<how>(?:[^()]|\([^()]*\))*)\)")
    seen = 0
    for path in ours(".py", below=PRODUCT):
        code = text(path)
        assert not re.search(r"follow_redirects\"?\s*[=:]\s*True|allow_redirects\s*=\s*True", code), path
        assert not re.search(r"\b(?:open_connection|create_datagram_endpoint|urlopen|urlretrieve)\(", code), (
            path
        )
        for made in clients.finditer(code):
            seen += 1
            how = made["how"]
            assert "**" in how or ("follow_redirects=False" in how and "trust_env=False" in how), (path, how)
    assert seen >= 3


def test_the_table_is_the_one_of_the_threats() -> None:
    """Each of them leads inside, whatever Python 3.11 calls global: whoever comes to fetch addresses has it here."""
    inside = [ipaddress.ip_address(each.strip("[]")) for each in INNER if "google" not in each]
    nat64, sixto4 = ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("2002::/16")
    for at in inside:
        bare = getattr(at, "ipv4_mapped", None) or at
        assert not bare.is_global or bare in nat64 or bare in sixto4, at
