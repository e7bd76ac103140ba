"""Who asks malformed things, and notes what crashed."""

import traceback
from collections.abc import Callable
from typing import Any

from django.db import transaction

from tests import streams
from tests.tenancy.call import Call
from tests.tenancy.matrix import Things, client_of, path_of
from tests.tenancy.urls import addresses

PARAMETERS = {each.name: each.parameters for each in addresses()}


class Teller:
    """Makes requests, takes back what they wrote, and notes what crashed."""

    def __init__(self, things: Things) -> None:
        self.things = things
        self.crashes: list[str] = []
        self.problems: list[str] = []
        self.statuses: set[int] = set()

    def hear(self, sender: Any, **_: Any) -> None:
        """Note what a view raised and nobody caught."""
        self.crashes.append(traceback.format_exc())

    def client(self, call: Call) -> Any:
        """Return a client of the director's, which does not raise what the view raised."""
        client = client_of(self.things.director, call)
        client.raise_request_exception = False
        return client

    def path(self, call: Call) -> str:
        """Return the address with rows that are there."""
        return path_of(call, slug=self.things.slug, ids=self.things.ids, parameters=PARAMETERS[call.url])

    def tell(self, what: str, ask: Callable[[], Any]) -> None:
        """Ask, and note it where the answer is a crash."""
        self.crashes.clear()
        try:
            with transaction.atomic():
                response = ask()
                content = b"" if response.streaming else response.content
                if response.streaming:
                    streams.leave(response)
                transaction.set_rollback(True)
        except Exception as error:
            self.problems.append(f"== {what}\n{error!r}\n" + "\n".join(self.crashes))
            return
        self.statuses.add(response.status_code)
        if response.status_code >= 500 or self.crashes or b"Traceback (most recent" in content:
            self.problems.append(f"== {what}: {response.status_code}\n" + "\n".join(self.crashes))

    def check(self) -> None:
        """Fail with all that was noted."""
        assert not self.problems, f"{len(self.problems)} crashes\n" + "\n\n".join(self.problems)
