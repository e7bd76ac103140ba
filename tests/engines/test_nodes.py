"""Which of several nodes is asked: whatever happened before, and what an entry with several does over real sockets."""

from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from engines import base, nodes
from engines.base import Broken, Busy, ChatProvider, EmbedProvider, RerankProvider, Unreachable, Usage
from engines.nodes import Node, Nodes, pick
from tests.doubles import openai_compat
from tests.doubles.base import ANSWER, RETRY_AFTER_S, Double
from tests.engines.streaming import QUESTION, begun, pieces, read, rest, words

_NODE = st.builds(
    Node,
    address=st.uuids().map(str),
    under_way=st.integers(0, 9),
    failures=st.integers(0, 40),
    rests_until=st.floats(0, 200),
    turn=st.integers(0, 99),
)
_NODES = st.lists(_NODE, min_size=1, max_size=6, unique_by=lambda node: node.address)


@given(_NODES, st.floats(0, 200))
def test_who_is_well_and_least_busy_is_asked(known: list[Node], now: float) -> None:
    found = pick(known, now=now)
    awake = [node for node in known if node.rests_until <= now]
    if not awake:
        assert found.rests_until == min(node.rests_until for node in known), "better than asking nobody"
    else:
        assert found in awake
        assert found.under_way == min(node.under_way for node in awake)
        alike = [node for node in awake if node.under_way == found.under_way]
        assert found.turn == min(node.turn for node in alike)


@given(st.integers(1, 6), st.integers(1, 5))
def test_all_alike_have_their_turn(count: int, rounds: int) -> None:
    many = Nodes([str(number) for number in range(count)])
    asked: list[str] = []
    for _number in range(count * rounds):
        with many.use([]) as visit:
            asked.append(visit.address)
    assert {asked.count(address) for address in many.addresses} == {rounds}


@given(_NODE, st.floats(0, 1e6), st.floats(0, 1e3))
def test_a_rest_grows_has_an_end_and_is_as_long_as_was_asked(node: Node, now: float, wait_s: float) -> None:
    failed = node.failed(now, wait_s=wait_s)
    again = failed.failed(now)
    assert failed.rests_until >= now + wait_s
    assert failed.rests_until <= now + max(wait_s, nodes.MOST_REST_S)
    assert again.rests_until - now >= nodes.FIRST_REST_S
    assert node.failed(now).rests_until <= again.rests_until
    assert replace(again.well(), turn=0) == Node(node.address, node.under_way)


class NodesAtWork(RuleBasedStateMachine):
    """Calls that begin and end in any order: loads stay even, none is lost or counted twice."""

    under_way = Bundle("under_way")

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.nodes = Nodes(["a", "b", "c"], clock=lambda: self.now)
        self.resting: dict[str, float] = {}
        self.calls: list[str] = []

    @rule(target=under_way)
    def begin(self) -> tuple[ExitStack, str, float]:
        stack = ExitStack()
        address = stack.enter_context(self.nodes.use([])).address
        awake = [each for each in "abc" if self.resting.get(each, 0) <= self.now]
        assert not awake or address in awake
        if awake:
            assert self.calls.count(address) == min(map(self.calls.count, awake))
        self.calls.append(address)
        return stack, address, self.now

    @rule(call=consumes(under_way), ending=st.sampled_from(["well", "refused", "stopped", "broken"]))
    def end(self, call: tuple[ExitStack, str, float], ending: str) -> None:
        stack, address, began = call
        error = {
            "well": None,
            "refused": base.Rejected("", engine="x"),  # its mistake is not the node's
            "stopped": GeneratorExit(),
            "broken": Unreachable(engine="x"),
        }[ending]
        stack.__exit__(type(error) if error else None, error, None)
        self.calls.remove(address)
        # Who leaves before anything came has left for that, when the wait was as long as anybody's patience.
        in_vain = ending == "stopped" and self.now - began >= nodes.MOST_REST_S * nodes._NEARLY
        if ending == "broken" or in_vain:
            self.resting[address] = self.now + nodes.FIRST_REST_S
        elif ending == "well":
            self.resting.pop(address, None)

    @rule(passed=st.floats(nodes.MOST_REST_S, 200))
    def wait(self, passed: float) -> None:
        self.now += passed

    @invariant()
    def is_counted_once(self) -> None:
        known = self.nodes.known()
        assert {node.address: node.under_way for node in known} == {
            each: self.calls.count(each) for each in "abc"
        }


TestNodesAtWork = NodesAtWork.TestCase
TestNodesAtWork.settings = settings(max_examples=25, stateful_step_count=20)


# --- over real sockets --------------------------------------------------------------------------------------


@pytest.fixture
def pair() -> Iterator[tuple[Double, Double]]:
    """Run two nodes."""
    with openai_compat.serving() as first, openai_compat.serving() as second:
        yield first, second


def _entry(*addresses: str, task: str = "chat") -> dict[str, object]:
    return openai_compat.entry(Double(), tasks=[task], addresses=list(addresses), total_s=30)


def _chat(*found: Double) -> ChatProvider:
    return read(_entry(*(double.address + "/v1" for double in found))).chat["vllm"]


def test_calls_are_shared_out(pair: tuple[Double, Double]) -> None:
    provider = _chat(*pair)
    for double in pair:
        double.fault = "hang_after"
    flows = [begun(provider) for _number in range(6)]
    for flow in flows:
        flow.next(30)
    assert [len(double.journal) for double in pair] == [3, 3]
    for flow in flows:
        flow.close()
    assert all(double.hung_up.wait(30) for double in pair)


@pytest.mark.parametrize("fault", ["broken", "overloaded"])
def test_another_is_asked_at_once_and_the_first_rests(pair: tuple[Double, Double], fault: str) -> None:
    first, second = pair
    first.fault = fault
    provider = _chat(first, second)
    for _number in range(4):
        assert words(pieces(provider)) == "".join(ANSWER)
    assert (len(first.journal), len(second.journal)) == (1, 4)


def test_a_node_that_is_gone(pair: tuple[Double, Double], unused_port: int) -> None:
    entry = _entry(f"http://127.0.0.1:{unused_port}/v1", pair[0].address + "/v1")
    provider = read(entry).chat["vllm"]
    assert words(pieces(provider)) == "".join(ANSWER)
    with pytest.raises(Unreachable) as caught:
        provider.check()
    assert str(unused_port) in "".join(caught.value.__notes__)


@pytest.mark.parametrize("fault", ["rate", "bad_request", "auth", "too_long", "refusal"])
def test_what_another_node_would_say_too_is_not_asked_again(pair: tuple[Double, Double], fault: str) -> None:
    for double in pair:
        double.fault = fault
    with pytest.raises(base.EngineError):
        pieces(_chat(*pair))
    assert sum(len(double.journal) for double in pair) == 1


@pytest.mark.parametrize("fault", ["cut", "error_line", "no_end"])
def test_what_was_half_said_is_not_begun_again(pair: tuple[Double, Double], fault: str) -> None:
    first, second = pair
    first.fault = fault
    flow = begun(_chat(*pair))
    with pytest.raises(base.Unavailable):
        rest(flow)
    assert (len(first.journal), len(second.journal)) == (1, 0)


def test_when_all_fail_the_last_says_why(pair: tuple[Double, Double]) -> None:
    first, second = pair
    first.fault, second.fault = "broken", "overloaded"
    with pytest.raises(Busy):
        pieces(_chat(first, second))
    assert [len(double.journal) for double in pair] == [1, 1]


def test_vectors_and_rankings_go_on_elsewhere_too(pair: tuple[Double, Double]) -> None:
    addresses = [double.address + "/v1" for double in pair]
    embedder: EmbedProvider = read(_entry(*addresses, task="embed")).embed["vllm"]
    ranker: RerankProvider = read(_entry(*addresses, task="rerank")).rerank["vllm"]
    pair[0].fault = "broken"
    assert embedder.embed(["uno", "dos"], purpose="index").vectors.shape[0] == 2
    assert len(ranker.rerank("uno", ["uno", "dos"]).scores) == 2
    assert [len(double.journal) for double in pair] == [2, 2]


def test_what_a_node_asked_to_wait_is_waited(pair: tuple[Double, Double]) -> None:
    now = 0.0
    many = Nodes(["a", "b"], clock=lambda: now)
    with suppress(Busy), many.use([]):
        raise Busy(engine="x", wait_s=RETRY_AFTER_S)
    now = nodes.FIRST_REST_S + 1
    with many.use([]) as first, many.use([]) as second:
        assert (first.address, second.address) == ("b", "b")


def test_a_break_is_the_nodes_fault_too() -> None:
    many = Nodes(["a", "b"], clock=lambda: 0.0)
    with suppress(Broken), many.use([]):
        raise Broken(engine="x")
    with many.use([]) as visit:
        assert visit.address == "b"


@pytest.mark.parametrize(
    ("waited_s", "has_begun", "is_its_fault"), [(5.0, False, False), (9.5, False, True), (50.0, True, False)]
)
def test_silence_that_somebody_had_enough_of(waited_s: float, has_begun: bool, is_its_fault: bool) -> None:
    now = 0.0
    many = Nodes(["a"], patience_s=10, clock=lambda: now)
    with suppress(GeneratorExit), many.use([]) as visit:
        visit.has_begun, now = has_begun, waited_s
        raise GeneratorExit
    (node,) = many.known()
    assert (node.failures == 1) is is_its_fault


def test_its_check_names_the_node_without_the_model(pair: tuple[Double, Double]) -> None:
    entry = {**_entry(*(double.address + "/v1" for double in pair)), "model": "otro"}
    with pytest.raises(base.Misconfigured) as caught:
        read(entry).chat["vllm"].check()
    assert caught.value.key == "model"
    assert pair[0].address in caught.value.detail and openai_compat.MODEL in caught.value.detail


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"addresses": []}, "addresses"),
        ({"addresses": ["http://10.0.0.1:1", "http://10.0.0.1:1/"]}, "addresses"),
        ({"addresses": ["http://10.0.0.1:1", "https://gpu.example"]}, "addresses"),
        ({"addresses": ["http://10.0.0.1:1"], "address": "http://10.0.0.2:1"}, "address"),
        ({"address": "https://gpu.example/v1"}, "address"),
        ({"address": ""}, "address"),
        ({"model": ""}, "model"),
        ({"timestamps": "letters"}, "timestamps"),
    ],
)
def test_an_entry_that_will_not_do(changes: dict[str, object], key: str) -> None:
    entry = openai_compat.entry(Double(address="http://127.0.0.1:1"), **changes)
    (mistake,) = read(entry).mistakes
    assert mistake.key == key


def test_nothing_given_is_the_last_piece(pair: tuple[Double, Double]) -> None:
    pair[0].fault = "no_usage"
    assert pieces(_chat(pair[0]), QUESTION)[-1] == Usage(None, None)
