"""Models on a machine that is rented at RunPod while there is work for it; see `engines.pods` for when that is."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field, replace

from django.db import connection
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from engines import pod_rows, pods, runpod_wire, wire
from engines.base import (
    Busy,
    ChatRequest,
    Engine,
    Misconfigured,
    Piece,
    Purpose,
    Task,
    Unreachable,
    Usage,
    Vectored,
)
from engines.keys import Keys
from engines.pods import Rental
from engines.providers import _openai_chat, _openai_work
from engines.providers._openai_line import Server
from engines.runpod_wire import Account

TASKS: tuple[Task, ...] = ("chat", "embed")

_ADDRESS = "https://api.runpod.io"
_PROXY = "https://{pod_id}-{port}.proxy.runpod.net/v1"
_CLOUDS = ("SECURE", "COMMUNITY")
# Where servers of models look for the key that they ask for: vLLM, llama.cpp.
_KEY_VARIABLES = ("VLLM_API_KEY", "LLAMA_API_KEY")


def make(engine: Engine, keys: Keys) -> "RunpodPod":
    """Return the provider of an entry."""
    if engine.runs != "ours":
        raise keys.wrong("runs", _("una máquina alquilada debe ser «ours»."))
    if not engine.model:
        raise keys.wrong("model", _("falta."))
    if engine.price is None or not engine.price.per_second_u:
        raise keys.wrong("price", _("falta el precio de la máquina por segundo («per_second») o por minuto."))
    proxy = keys.text("proxy", default=_PROXY)
    if not proxy.startswith(("http://", "https://")) or "{pod_id}" not in proxy:
        raise keys.wrong("proxy", _("debe ser una dirección con «{pod_id}»."))
    return RunpodPod(
        engine=engine,
        account=Account(
            address=keys.address("address", runs=engine.runs, default=_ADDRESS), secret=wire.secret(keys)
        ),
        rental=_rental(keys),
        proxy=proxy,
        secret=salted_hmac("engines.pods.key", engine.name).hexdigest(),
    )


def _rental(keys: Keys) -> Rental:
    start_expected_s = keys.number("start_expected_s", least=1, most=3_600, default=180)
    return Rental(
        image=keys.text("image"),
        gpu=keys.text("gpu"),
        gpu_count=keys.whole("gpu_count", least=1, most=8, default=1),
        cloud=keys.choice("cloud", _CLOUDS, default="SECURE"),
        port=keys.whole("port", least=1, most=65_535, default=8_000),
        env=tuple(sorted(keys.variables("pod_env").items())),
        args=keys.text("pod_args", default=""),
        disk_gb=keys.whole("disk_gb", least=1, most=2_000, default=50),
        volume=keys.text("volume", default=""),
        volume_path=keys.text("volume_path", default="/workspace"),
        name_prefix=keys.text("name_prefix", default="preceptor-"),
        start_expected_s=start_expected_s,
        start_timeout_s=keys.number(
            "start_timeout_s", least=start_expected_s, most=7_200, default=max(900.0, 2 * start_expected_s)
        ),
        idle_stop_s=_given(keys, "idle_stop_s", least=30, most=86_400),
        restart_cost_usd=_given(keys, "restart_cost_usd", least=0, most=1_000),
        most_hours_a_day=keys.number("most_hours_a_day", least=0, most=24, default=8),
        most_cost_a_day_usd=_given(keys, "most_cost_a_day_usd", least=0, most=100_000),
    )


def _given(keys: Keys, key: str, *, least: float, most: float) -> float | None:
    return keys.number(key, least=least, most=most) if keys.has(key) else None


@dataclass(frozen=True, slots=True)
class RunpodPod:
    """One model on one rented machine. What it knows of the machine is read anew for each call."""

    engine: Engine
    account: Account
    rental: Rental
    proxy: str
    secret: str = field(repr=False)  # asked by the machine, whose address anybody may guess

    @property
    def variant(self) -> str:
        """Return nothing: the model says it all."""
        return ""

    async def stream(self, request: ChatRequest) -> AsyncIterator[Piece]:
        """Yield Texts and one Usage; raise Busy while there is no machine, or it is not ready."""
        server = await asyncio.to_thread(self._server_elsewhere)
        with _reached(self.engine):
            async with aclosing(_openai_chat.completions(server, request, of_maker=False)) as answer:
                async for piece in answer:
                    yield _unpaid(piece) if isinstance(piece, Usage) else piece

    def embed(self, texts: Sequence[str], *, purpose: Purpose) -> Vectored:
        """Return one row of length 1 per text; raise Busy while there is no machine, or it is not ready."""
        server = self._server()
        with _reached(self.engine):
            found = server.done(_openai_work.embed(server, texts, purpose=purpose, sends_dimension=False))
        return replace(found, usage=_unpaid(found.usage))

    def check(self) -> None:
        """Ask for the account's machines, which costs nothing and starts none."""
        self.account.machines(self.engine)

    def address_of(self, machine_id: str) -> str:
        """Return where the model of a machine answers."""
        return self.proxy.replace("{pod_id}", machine_id).replace("{port}", str(self.rental.port))

    def is_answering(self, machine_id: str) -> bool | None:
        """Say whether it does; None when that is not known."""
        return runpod_wire.is_serving(self.engine, self.address_of(machine_id), secret=self.secret)

    def start(self, name: str) -> runpod_wire.Machine:
        """Rent a machine, with the key that its model is to ask for."""
        given = dict.fromkeys(_KEY_VARIABLES, self.secret) | dict(self.rental.env)
        return self.account.start(self.engine, name, replace(self.rental, env=tuple(sorted(given.items()))))

    def _server(self) -> Server:
        if not (address := pod_rows.address(self.engine.name)):
            wait_s = pods.wait_s(pod_rows.one(self.engine.name), timezone.now(), self.rental.start_expected_s)
            raise Busy(engine=self.engine.name, wait_s=wait_s)
        return Server(engine=self.engine, address=address, secret=self.secret)

    def _server_elsewhere(self) -> Server:
        """Return the same in a thread that nobody tidies up after: the loop itself must not wait for Postgres."""
        try:
            return self._server()
        finally:
            connection.close()


@contextmanager
def _reached(engine: Engine) -> Iterator[None]:
    """Tell a machine that was taken from us from a model that does not exist: before it stands a gate that says 404."""
    try:
        yield
    except Misconfigured as error:
        if error.key == "model":
            raise Unreachable(engine=engine.name) from error
        raise


def _unpaid(usage: Usage) -> Usage:
    """Return what a call took at no price of its own: the machine's time is booked as a whole, by the keeper."""
    return replace(usage, seconds=0.0)
