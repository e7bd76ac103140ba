"""Several servers that do the same: which is asked next, by health and load, as far as this process knows."""

import os
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import Lock

from engines.base import Busy, Failure, Unavailable

FIRST_REST_S = 1.0  # after one failure; twice as long after each that follows
MOST_REST_S = 60.0
_ELSEWHERE = {Failure.CONNECT, Failure.INTERNAL, Failure.OVERLOAD}  # another node may do better
_NEARLY = 0.9  # the clock of who lost patience had begun before ours
_ITS_FAULT = {*_ELSEWHERE, Failure.BROKEN_STREAM, Failure.TIMEOUT, Failure.FIRST_TOKEN_TIMEOUT}


@dataclass(frozen=True, slots=True)
class Node:
    """One server: its calls under way, its failures in a row, until when it rests, and when it was last asked."""

    address: str
    under_way: int = 0
    failures: int = 0
    rests_until: float = 0.0
    turn: int = 0

    def begun(self, turn: int) -> "Node":
        """Return the node with one more call."""
        return replace(self, under_way=self.under_way + 1, turn=turn)

    def ended(self) -> "Node":
        """Return the node with one call less."""
        return replace(self, under_way=max(0, self.under_way - 1))

    def well(self) -> "Node":
        """Return the node after a call that came to its end."""
        return replace(self, failures=0, rests_until=0.0)

    def failed(self, now: float, *, wait_s: float = 0.0) -> "Node":
        """Return the node after a call that came to nothing, at rest; `wait_s`: what it asked for."""
        rest_s = min(FIRST_REST_S * 2 ** min(self.failures, 10), MOST_REST_S)
        return replace(self, failures=self.failures + 1, rests_until=now + max(rest_s, wait_s))


@dataclass(slots=True)
class Visit:
    """One call of one node; `has_begun`: something came, and was handed on."""

    address: str
    has_begun: bool = False


def pick(nodes: Sequence[Node], *, now: float) -> Node:
    """Return who is asked next: one that does not rest, of the fewest calls, longest unasked.

    When all rest, the one that rests the shortest: better than asking nobody.
    """
    return min(nodes, key=lambda node: (max(0.0, node.rests_until - now), node.under_way, node.turn))


class Nodes:
    """The nodes of one entry, for all threads of this process."""

    def __init__(
        self,
        addresses: Sequence[str],
        *,
        patience_s: float = 60.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`addresses`: at least one, none twice; `patience_s`: for how long a node may say nothing."""
        self.addresses = tuple(addresses)
        self._silence_s = patience_s * _NEARLY
        self._clock = clock
        self._lock = Lock()
        self._forget()

    def known(self) -> tuple[Node, ...]:
        """Return the nodes as they stand."""
        with self._lock:
            return tuple(self._nodes.values())

    def may_go_on(self, error: Unavailable, tried: Collection[str]) -> bool:
        """Tell whether another node may be asked after this failure of a call that showed nothing yet."""
        return error.failure in _ELSEWHERE and len(tried) < len(self.addresses)

    @contextmanager
    def use(self, tried: list[str]) -> Iterator[Visit]:
        """Give the node to ask, none of those tried, which it joins; learn from how the call ends."""
        visit = Visit(self._take(tried))
        tried.append(visit.address)
        started = self._clock()
        try:
            yield visit
        except Unavailable as error:
            if error.failure in _ITS_FAULT:
                self._rest(visit.address, (error.wait_s or 0.0) if isinstance(error, Busy) else 0.0)
            raise
        except BaseException as error:
            # Somebody left, and perhaps for having waited in vain. Any other failure is not the node's.
            if (
                not isinstance(error, Exception)
                and not visit.has_begun
                and self._clock() - started >= self._silence_s
            ):
                self._rest(visit.address)
            raise
        else:
            self._change(visit.address, Node.well)
        finally:
            self._change(visit.address, Node.ended)

    def _rest(self, address: str, wait_s: float = 0.0) -> None:
        self._change(address, lambda node: node.failed(self._clock(), wait_s=wait_s))

    def _take(self, tried: Collection[str]) -> str:
        with self._lock:
            if self._process != os.getpid():  # a fork's parent has calls of its own
                self._forget()
            free = [node for address, node in self._nodes.items() if address not in tried]
            node = pick(free, now=self._clock())
            self._turn += 1
            self._nodes[node.address] = node.begun(self._turn)
            return node.address

    def _change(self, address: str, change: Callable[[Node], Node]) -> None:
        with self._lock:
            self._nodes[address] = change(self._nodes[address])

    def _forget(self) -> None:
        self._process = os.getpid()
        self._turn = 0
        self._nodes = {address: Node(address) for address in self.addresses}
