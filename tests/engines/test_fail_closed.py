"""T29: what is confidential, of minors, unlabelled or labelled by an unknown word leaves the school for no purpose."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from pytest_django import Settings

from engines import health, labels, router
from engines.base import ChatRequest, EngineError, Sound
from engines.errands import Errand, Labelled, Purpose
from engines.labels import Label
from tests.conftest import Person
from tests.doubles import openai_compat
from tests.doubles.base import Double
from tests.engines import installed
from tests.house.tree import PRODUCT, ours, text

SECRET = "azulmarino"
STRICT = ("confidential", "minors", "", "desconocida", "PUBLIC", "interno", None)


def _chat(errand: Errand) -> object:
    return list(router.answer(ChatRequest(SECRET, instructions=SECRET), errand).pieces)


def _index(errand: Errand) -> object:
    return router.embed([SECRET], errand, purpose="index")


def _query(errand: Errand) -> object:
    return router.embed([SECRET], errand, purpose="query")


def _rerank(errand: Errand) -> object:
    return router.rerank(SECRET, [SECRET], errand)


def _transcribe(errand: Errand) -> object:
    return router.transcribe(Sound(path=Path(__file__), seconds=1.0), errand)


# How each purpose comes to an engine. A new purpose has no way here until somebody writes it.
WAYS: dict[Purpose, Callable[[Errand], object]] = {
    Purpose.ANSWER: _chat,
    Purpose.REWRITE: _chat,
    Purpose.TRY_OUT: _chat,
    Purpose.SUMMARISE: _chat,
    Purpose.FILL: _chat,
    Purpose.DRAFT: _chat,
    Purpose.INDEX: _index,
    Purpose.QUERY: _query,
    Purpose.RERANK: _rerank,
    Purpose.TRANSCRIBE: _transcribe,
}
# Of a machine's time: nothing of a school goes with it.
WITHOUT_WORDS = {Purpose.GPU}


@pytest.fixture
def outside(settings: Settings, tmp_path: Path, ana: Person) -> Iterator[Double]:
    """Run engines outside for every task, and no other; the school lets them see whatever it may let them."""
    settings.ENGINES_FILE = tmp_path / "engines.yaml"
    given = {"runs": "outside", "region": "us-east"}
    minute = {"per_minute": 0.01}
    with openai_compat.serving() as far:
        entries = [
            openai_compat.entry(
                far,
                name=f"lejos-{task}",
                tasks=[task],
                price=minute if task == "transcribe" else installed.PRICE,
                **given,
            )
            for task in ("chat", "embed", "rerank", "transcribe")
        ]
        for each in entries:
            health.forget(str(each["name"]))
        settings.ENGINES_FILE.write_text(yaml.safe_dump({"engines": entries}))
        installed.allow(ana.member, *(str(each["name"]) for each in entries))
        yield far


def test_every_purpose_is_tried() -> None:
    assert set(WAYS) | WITHOUT_WORDS == set(Purpose)


@pytest.mark.parametrize("purpose", WAYS, ids=str)
def test_with_only_engines_outside_nothing_strict_is_sent(
    ana: Person, outside: Double, purpose: Purpose
) -> None:
    """Red when `labels.of` answers INTERNAL for what it does not know, or routing.choose asks no label."""
    for word in STRICT:
        parts = (Labelled("lo público", Label.PUBLIC), Labelled("la fuente", labels.of(word)))
        errand = Errand(
            school_id=ana.school_id, purpose=purpose, parts=parts, user_id=ana.member.user_id, patience_s=0.1
        )
        _refused(purpose, errand)
        # Neither by name, nor when it turns out strict only on the second look, nor without any part at all.
        _refused(
            purpose,
            Errand(school_id=ana.school_id, purpose=purpose, parts=parts, wish=f"lejos-{_task(purpose)}"),
        )
    _refused(purpose, Errand(school_id=ana.school_id, purpose=purpose, patience_s=0.1))
    assert outside.bytes_seen == b""


@pytest.mark.parametrize("purpose", WAYS, ids=str)
def test_what_may_leave_does(ana: Person, outside: Double, purpose: Purpose) -> None:
    """Else the test above would hold for engines that never answer anybody."""
    errand = Errand(school_id=ana.school_id, purpose=purpose, parts=(Labelled("x", Label.INTERNAL),))
    WAYS[purpose](errand)
    assert (
        SECRET.encode() if purpose is not Purpose.TRANSCRIBE else Path(__file__).read_bytes()
    ) in outside.bytes_seen


def test_every_errand_of_the_product_says_what_it_shows() -> None:
    """Red when an Errand is made without `parts` and shown nothing later: it would count as what it is not."""
    found = 0
    for name in ours(".py", below=PRODUCT):
        code = text(name)
        for node in ast.walk(ast.parse(code)) if "Errand(" in code else ():
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Errand":
                given = {each.arg for each in node.keywords}
                assert "parts" in given or ".showing(" in code or _purpose(node) == "GPU", (
                    f"{name}:{node.lineno}"
                )
                found += 1
    assert found > 8


def test_what_is_handed_out_or_told_of_errors_asks_no_engine() -> None:
    """Packs, exports and logs are made without any engine: red when one of them imports the router."""
    for name in ours(".py", below=PRODUCT):
        if "/exports/" in name or name.endswith(
            ("packs.py", "packing.py", "exporting.py", "logs.py", "problems.py")
        ):
            assert "router" not in text(name) and "Errand" not in text(name), name


def _refused(purpose: Purpose, errand: Errand) -> None:
    try:
        answered = WAYS[purpose](errand)
    except EngineError:
        return
    assert answered is None, "a reranker that may not see it is done without"


def _task(purpose: Purpose) -> str:
    tasks = {_chat: "chat", _index: "embed", _query: "embed", _rerank: "rerank"}
    return next((task for way, task in tasks.items() if way is WAYS[purpose]), "transcribe")


def _purpose(call: ast.Call) -> str:
    given = next((each.value for each in call.keywords if each.arg == "purpose"), None)
    return given.attr if isinstance(given, ast.Attribute) else ""
