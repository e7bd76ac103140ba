"""Every place that holds something of a school is listed here with the test that keeps schools apart in it.

A store that is added without one turns this red.
"""

import ast
import re
from pathlib import Path
from uuid import UUID

import pytest
import redis
from django.conf import settings

from engines import health
from engines.base import Engine, Limits
from tests.conftest import Person
from tests.house.tree import PRODUCT, ROOT, ours, text

HERE = Path(__file__).parent

# Each store: the test functions that stand for it.
STORES = {
    "DATABASES default": (
        "test_postgres.py",
        "test_without_the_applications_filter_a_school_sees_its_own_rows_only",
    ),
    "DATABASES owner": ("test_postgres.py", "test_not_even_the_owner_can_point_a_row_into_another_school"),
    "CACHES default": ("test_registry.py", "test_the_cache_holds_nothing_of_a_school"),
    "RQ_QUEUES fast": ("test_messages.py", "test_a_message_carries_two_ids_and_nothing_else"),
    "RQ_QUEUES cpu": ("test_messages.py", "test_a_message_carries_two_ids_and_nothing_else"),
    "RQ_QUEUES gpu": ("test_messages.py", "test_a_message_carries_two_ids_and_nothing_else"),
    "STORAGES default": ("test_files.py", "test_the_same_bytes_in_two_schools_are_two_files"),
    "STORAGES staticfiles": ("test_files.py", "test_static_files_hold_nothing_of_a_school"),
    "QDRANT_URL": (
        "test_store.py",
        "test_a_school_never_finds_anothers_chunk_though_their_vectors_are_the_same",
    ),
}
# Addresses that lead to no store.
NOT_STORES = {
    "PRECEPTOR_URL",
    "EMAIL_URL",
    "DATABASE_URL",
    "DATABASE_OWNER_URL",
    "DATABASE_DIRECT_URL",
    "REDIS_URL",
}


def test_every_store_has_its_test_of_isolation() -> None:
    known = {
        f"{kind} {name}"
        for kind in ("DATABASES", "CACHES", "RQ_QUEUES", "STORAGES")
        for name in getattr(settings, kind)
    }
    addresses = set(re.findall(r"env\.\w+\(\s*\"(\w+_URL)\"", text("config/settings/environment.py")))
    assert known | (addresses - NOT_STORES) == set(STORES)
    for file, name in STORES.values():
        tree = ast.parse((HERE / file).read_text())
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, name


# What a process keeps between two requests: nothing of a school but by the school's id.
KEPT = {
    "documents.finding._alike": "letters that are read alike",
    "documents.parsers.number_formats": "what a spreadsheet's format means: computed from the format alone",
    "documents.parsers.word97._cut_off": "the program that converts",
    "documents.reading._page_of": "an address, by the school's name in addresses and the document's id",
    "engines.config._read": "the installation's file",
    "engines.health._redis_of": "the connection to Redis",
    "engines.health._script": "statements of ours",
    "engines.loop._loop_of": "the loop of this process",
    "engines.plan._time_zone": "a school's time zone, by the school's id",
    "engines.prices._listed": "prices of makers",
    "engines.providers.fastembed._load": "a model",
    "engines.quoting._weights": "the weights",
    "engines.spanish": "words of Spanish: computed from the word alone",
    "engines.wire.trust": "certificates",
    "pipeline.stages": "the wiring",
    "schools.shapes._writer": "how a shape is written: computed from its class",
    "schools.templatetags.portal._decoration": "icons",
    "planillas.exports.inert": "a text on one line: computed from the text alone",
    "planillas.exports.looks": "how a column's money is written: computed from the column alone",
    "planillas.exports.sheet._path": "an address, by the school's name in addresses and the document's id",
    "planillas.exports.sources": "words for states and places: computed from the place alone",
    "planillas.identity": "which columns tell rows apart: computed from the columns alone",
    "planillas.labels": "where a text's sentences begin and whom they name: computed from the text alone",
    "planillas.meanings": "what a header means: computed from its words alone",
    "planillas.ready_made": "templates that come with the house",
    "planillas.written": "a letter without its accent",
    "rag.prose": "the Markdown parser",
    "rag.features": "words of questions, folded: computed from the words alone",
    "rag.rerank": "the weights",
    "rag.tokens": "how many tokens a word has: computed from the word alone",
    "rag.store._client_of": "the connection to Qdrant, which names a school in every call",
    "transcription.phrases._leveled": "a letter without its accent",
    "transcription.verbs": "forms of verbs",
    "transcription.voice._network": "the voice detector",
    "transcription.voices": "tables of numbers",
    "rag.retrieve._counted": "how many chunks a school has, by the school's id",
}


def test_what_a_process_keeps_is_listed() -> None:
    found = set()
    for path in ours(".py", below=PRODUCT):
        module = path.removesuffix(".py").replace("/", ".")
        for node in ast.walk(ast.parse(text(path))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and any(
                re.match(r"(functools\.)?(lru_cache|cache|cached_property)\b", ast.unparse(each))
                for each in node.decorator_list
            ):
                found.add(f"{module}.{node.name}")
    unlisted = {
        name for name in found if not any(name == each or name.startswith(f"{each}.") for each in KEPT)
    }
    assert unlisted == set(), "say in KEPT what it holds; of a school only by the school's id"


# Names of modules that are empty when they are imported and are filled later.
HELD = {
    "documents.arrivals._at_rest": "ids of schools whose folder is at rest",
    "documents.parsers.xlsx_book._COLUMNS": "the numbers of columns, by their letters",
    "engines.health._lately": "the health of engines, by the engines asked about",
    "engines.pods_keeper._last": "the makers of rented machines",
    "engines.providers._openai_line._clients": "connections, by address and the installation's key",
    "engines.providers._whisper._kept": "a loaded model",
    "engines.providers._whisper._timers": "when it is let go of",
    "engines.providers.anthropic._clients": "connections, by address and the installation's key",
    "engines.providers.gemini._clients": "connections, by address and the installation's key",
    "engines.providers.gemini._opened": "the answers that one call has open",
    "engines.providers.ollama._listed": "the models of a server, by its address",
    "engines.runpod_wire._clients": "connections, by address and the installation's key",
    "planillas.joining._MATCHERS": "how values are compared, by the column",
    "schools.closing._open": "the streams that are open",
    "schools.closing._ours": "the signals that are heard",
    "schools.scope._current": "the school in scope, of this thread alone: see test_scope.py",
}
_FILLED_LATER = re.compile(
    r"((?!env\.)\w+\.)?\b(dict|list|set|deque|defaultdict|OrderedDict|Counter|WeakKeyDictionary|WeakValueDictionary|local"
    r"|ContextVar|Kept|LocMemCache)\("
)


def test_what_a_module_holds_is_listed() -> None:
    """A cache that somebody makes of a plain dict. Red when a module says `_answers = {}`."""
    found = set()
    for path in ours(".py", below=PRODUCT):
        for node in ast.parse(text(path)).body:
            if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None:
                continue
            said = ast.unparse(node.value)
            if said in ("{}", "[]") or (_FILLED_LATER.match(said) and said != "list(Status)"):
                target = node.targets[0] if isinstance(node, ast.Assign) else node.target
                found.add(f"{path.removesuffix('.py').replace('/', '.')}.{ast.unparse(target)}")
    assert found - set(HELD) == set(), "say in HELD what it holds; of a school only by the school's id"
    assert set(HELD) - found == set(), "no such name any more"


@pytest.mark.django_db
def test_what_stands_in_redis_of_an_engine_is_times_and_ids(beto: Person) -> None:
    """Who is inside and who waits, by the ids of school and call: no word of what is asked."""
    health.forget("x")
    engine = Engine(name="x", provider="ollama", tasks=("chat",), runs="here", limits=Limits(at_once=1))
    for number in (1, 2):
        health.enter(engine, beto.member.school_id, str(UUID(int=number)), waits=True)
    with redis.Redis.from_url(settings.REDIS_URL) as stored:
        inside = stored.zrange("engines:{x}:inside", 0, -1)
        waiting = stored.zrange("engines:{x}:line", 0, -1)
        assert {each.decode().count("-") for each in (*inside, *waiting)} == {8}
        assert set(stored.keys("engines:{x}:*")) == {
            f"engines:{{x}}:{part}".encode() for part in ("inside", "line", "seen")
        }
    health.forget("x")


def test_the_cache_holds_nothing_of_a_school() -> None:
    """What is kept there are counters alone: of failed logins, used codes, and tries at a document's password."""
    users = {
        path
        for path in ours(".py", below=PRODUCT)
        if re.search(r"from django\.core\.cache|cache_page|cached_db|\{%\s*cache", text(path))
    }
    assert users == {"config/cache.py", "config/health.py", "documents/unlock.py"}
    assert set(re.findall(r"cache\.(\w+)\(", text("documents/unlock.py"))) == {"add", "incr", "set"}
    assert not [
        path for path in ours(".html", below=("templates",)) if re.search(r"\{%\s*(load )?cache", text(path))
    ]
    assert ROOT
    # A middleware that caches pages would give one person's page to another.
    assert not [each for each in settings.MIDDLEWARE if "cache" in each.lower()]
