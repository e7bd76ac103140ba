"""RunPod's serverless endpoints: by jobs (run, stream, status, cancel, health), or by their OpenAI-compatible route.

A job is paid for by the second from when a machine takes it. There is no name by which RunPod could tell an attempt
from its repetition: a job whose birth was not confirmed to us lives no longer than its short `ttl`.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Any

import httpx2
from django.utils.translation import gettext as _

from engines import loop, runpod_jobs, runpod_wire, vectors, wire
from engines.base import (
    BadAnswer,
    ChatRequest,
    Engine,
    EngineError,
    Piece,
    Purpose,
    Sound,
    Task,
    Text,
    TimedOut,
    TooLong,
    Transcript,
    Usage,
    Vectored,
)
from engines.keys import Keys
from engines.prompting import compose
from engines.providers import _openai_chat, _openai_work
from engines.providers._openai_line import Server
from engines.runpod_jobs import Job

TASKS: tuple[Task, ...] = ("chat", "embed", "transcribe")

_ADDRESS = "https://api.runpod.ai"
_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}")
_ROUTES = ("openai", "jobs")
_MOST_BYTES = 10_000_000  # of a request that makes a job
_CANCEL_S = 5.0
_BIRTH_S = 3.0  # how long one who leaves waits for the name of the job to cancel
_LEAST_TTL_S = 30.0


def make(engine: Engine, keys: Keys) -> "RunpodServerless | RunpodRoute":
    """Return the provider of an entry."""
    address = keys.address("address", runs=engine.runs, default=_ADDRESS)
    endpoint = keys.text("endpoint")
    if not _NAME.fullmatch(endpoint):
        raise keys.wrong("endpoint", _("debe ser el identificador del endpoint, como «abc123xyz»."))
    poll_s = keys.number("poll_s", least=0.001, most=10, default=0.3)
    jobs = RunpodServerless(engine, address, endpoint, poll_s, wire.secret(keys))
    if keys.choice("route", _ROUTES, default="openai") == "jobs":
        return jobs
    if not engine.model:
        raise keys.wrong("model", _("falta."))
    return RunpodRoute(jobs, Server(engine, f"{address}/v2/{endpoint}/openai/v1", jobs.secret))


@dataclass(frozen=True, slots=True)
class RunpodServerless:
    """One endpoint, worked by jobs."""

    engine: Engine
    address: str
    endpoint: str
    poll_s: float
    secret: str = field(repr=False)
    clock: Callable[[], float] = monotonic

    @property
    def variant(self) -> str:
        """Return nothing: the model says it all."""
        return ""

    async def stream(self, request: ChatRequest) -> AsyncIterator[Piece]:
        """Yield Texts and one Usage."""
        watch = _Watch(self.engine, self.clock)
        heard = runpod_jobs.Heard(self.engine)
        job_id = await self._born(self._asked(request))
        is_over = False
        try:
            while not is_over:
                job = await self._look(f"stream/{job_id}", watch)
                is_over = job.is_over
                for words in heard.take(job):
                    watch.has_words = True
                    yield Text(words)
                if not is_over:
                    await asyncio.sleep(min(self.poll_s, watch.left_s()))
        finally:
            if not is_over:
                await self._cancel(job_id)
        # The stream has the words; what it took stands in the status alone.
        last = await self._look(f"status/{job_id}", watch)
        for words in heard.rest(last):
            yield Text(words)
        yield heard.end(last)

    def embed(self, texts: Sequence[str], *, purpose: Purpose) -> Vectored:
        """Return one row of length 1 per text."""
        if not texts:
            return Vectored(vectors.checked([], engine=self.engine, count=0), Usage(0, 0, 0.0))
        prefix = self.engine.query_prefix if purpose == "query" else self.engine.index_prefix
        asked = {"model": self.engine.model, "input": [prefix + text for text in texts]}
        job = loop.run(self._done(asked))
        rows = runpod_jobs.rows(job, engine=self.engine)
        found = vectors.checked(rows, engine=self.engine, count=len(texts))
        return Vectored(found, runpod_jobs.usage(job))

    def transcribe(self, sound: Sound) -> Transcript:
        """Return what a stretch of sound says, and who spoke where the worker tells voices apart."""
        job = loop.run(self._done(runpod_jobs.listening(sound, model=self.engine.model)))
        return runpod_jobs.transcript(job, sound, engine=self.engine)

    def check(self) -> None:
        """Ask how the endpoint is, which costs nothing and wakes nobody."""
        wire.ask(self._health(), engine=self.engine.name)

    def load(self) -> int:
        """Return how many jobs wait for a machine."""
        waiting = wire.ask(self._health(), engine=self.engine.name)["jobs"].get("inQueue")
        return waiting if isinstance(waiting, int) else 0

    def _asked(self, request: ChatRequest) -> dict[str, Any]:
        prompt = compose(request)
        system = [{"role": "system", "content": prompt.system}] if prompt.system else []
        limits: dict[str, Any] = {"max_tokens": min(request.max_tokens, self.engine.max_out_tokens)}
        if request.temperature is not None and "temperature" in self.engine.accepts:
            limits["temperature"] = request.temperature
        asked: dict[str, Any] = {
            "messages": [*system, *({"role": each.role, "content": each.text} for each in prompt.messages)],
            **limits,
            "sampling_params": limits,  # where RunPod's own worker for vLLM looks for them
            "stream": True,
            "call_id": request.call_id,  # by which a worker may know a call that it has had already
        }
        if self.engine.model:
            asked["model"] = self.engine.model
        if request.schema is not None and "json_schema" in self.engine.accepts:
            schema = {"name": "answer", "schema": dict(request.schema)}
            asked["response_format"] = {"type": "json_schema", "json_schema": schema}
        return asked

    def _body(self, asked: Mapping[str, Any]) -> bytes:
        """Return the request that makes a job, which waits and works no longer than anybody waits for it."""
        total_s = self.engine.limits.total_s
        policy = {
            "executionTimeout": int(max(_LEAST_TTL_S, total_s) * 1000),
            "ttl": int((max(_LEAST_TTL_S, total_s) + _LEAST_TTL_S) * 1000),
        }
        content = runpod_jobs.packed({"input": asked, "policy": policy})
        if len(content) > _MOST_BYTES:
            raise TooLong(engine=self.engine.name)
        return content

    async def _born(self, asked: Mapping[str, Any]) -> str:
        """Return the name of a new job. One who leaves before it comes takes the job along."""
        running = asyncio.ensure_future(self._send("POST", "run", self._body(asked)))
        try:
            return self._name(await asyncio.shield(running))
        except asyncio.CancelledError:
            try:
                born = await asyncio.wait_for(running, _BIRTH_S)
                await self._cancel(self._name(born))
            except (TimeoutError, EngineError):
                pass  # its ttl ends it
            raise

    async def _look(self, path: str, watch: "_Watch") -> Job:
        """Return how a job is now."""
        left_s = watch.left_s()
        try:
            async with asyncio.timeout(
                left_s
            ):  # `wait_for` of 3.11 forgets a stop that comes with the answer
                answer = await self._send("GET", path)
        except TimeoutError:
            raise watch.over() from None
        return self._job(answer)

    async def _cancel(self, job_id: str) -> None:
        """Ask for the end of a job, and do not insist: its ttl ends it in any case."""
        with suppress(TimeoutError, EngineError):
            await asyncio.wait_for(self._send("POST", f"cancel/{job_id}"), _CANCEL_S)

    async def _send(self, method: str, path: str, content: bytes | None = None) -> httpx2.Response:
        client = runpod_wire.lines(self.engine.limits)
        headers = {"content-type": "application/json", **runpod_wire.headers(self.secret)}
        url = f"{self.address}/v2/{self.endpoint}/{path}"
        try:
            answer = await client.request(method, url, content=content, headers=headers)
        except wire.LINE as error:
            raise runpod_wire.of_line(error, engine=self.engine) from None
        if not answer.is_success:
            raise runpod_wire.of_answer(answer, engine=self.engine, key="endpoint")
        return answer

    async def _done(self, asked: Mapping[str, Any]) -> Job:
        """Return a job that has ended well, having waited for it."""
        watch = _Watch(self.engine, self.clock, has_words=True)
        job = self._job(await self._send("POST", "runsync", self._body(asked)))
        job_id, is_over = job.id, job.is_over
        try:
            while not is_over:
                await asyncio.sleep(min(self.poll_s, watch.left_s()))
                job = await self._look(f"status/{job_id}", watch)
                is_over = job.is_over
        finally:
            if not is_over:
                await self._cancel(job_id)
        runpod_jobs.raise_failure(job, engine=self.engine, has_words=False)
        return job

    async def _health(self) -> Mapping[str, Any]:
        told = self._json(await self._send("GET", "health"))
        if not isinstance(told.get("jobs"), dict) or not isinstance(told.get("workers"), dict):
            raise BadAnswer("not the health that RunPod documents", engine=self.engine.name)
        return told

    def _job(self, answer: httpx2.Response) -> Job:
        return runpod_jobs.read(self._json(answer), engine=self.engine)

    def _name(self, answer: httpx2.Response) -> str:
        job_id = self._json(answer).get("id")
        if not isinstance(job_id, str) or not job_id.replace("-", "").isalnum():
            raise BadAnswer("a job without a name", engine=self.engine.name)
        return job_id

    def _json(self, answer: httpx2.Response) -> dict[str, Any]:
        try:
            told = answer.json()
        except ValueError:
            told = None
        if not isinstance(told, dict):
            raise BadAnswer("not the JSON that RunPod documents", engine=self.engine.name)
        return told


@dataclass(frozen=True, slots=True)
class RunpodRoute:
    """One endpoint, worked by its OpenAI-compatible route."""

    jobs: RunpodServerless
    server: Server

    @property
    def variant(self) -> str:
        """Return nothing: the model says it all."""
        return ""

    async def stream(self, request: ChatRequest) -> AsyncIterator[Piece]:
        """Yield Texts and one Usage."""
        started = self.jobs.clock()
        async with aclosing(_openai_chat.completions(self.server, request, of_maker=False)) as answer:
            async for piece in answer:
                yield replace(piece, seconds=self._took(started)) if isinstance(piece, Usage) else piece

    def embed(self, texts: Sequence[str], *, purpose: Purpose) -> Vectored:
        """Return one row of length 1 per text."""
        started = self.jobs.clock()
        work = _openai_work.embed(self.server, texts, purpose=purpose, sends_dimension=False)
        found = self.server.done(work)
        return replace(found, usage=replace(found.usage, seconds=self._took(started)))

    def transcribe(self, sound: Sound) -> Transcript:
        """Return what a file says."""
        started = self.jobs.clock()
        work = _openai_work.transcribe(self.server, sound, timing="segments")
        found = self.server.done(work)
        return replace(found, usage=replace(found.usage, seconds=self._took(started)))

    def check(self) -> None:
        """Ask how the endpoint is: its list of models would wake a machine, which costs."""
        self.jobs.check()

    def load(self) -> int:
        """Return how many jobs wait for a machine."""
        return self.jobs.load()

    def _took(self, started: float) -> float:
        """Return the seconds that may be billed: this route tells none, and they were no more than we waited."""
        return self.jobs.clock() - started


@dataclass(slots=True)
class _Watch:
    """How long a call may still take: to its first words, and on the whole."""

    engine: Engine
    clock: Callable[[], float]
    has_words: bool = False
    started: float = field(init=False)

    def __post_init__(self) -> None:
        self.started = self.clock()

    def left_s(self) -> float:
        """Return the seconds left; raise when there are none."""
        limits = self.engine.limits
        most_s = limits.total_s if self.has_words else min(limits.first_token_s, limits.total_s)
        left_s = self.started + most_s - self.clock()
        if left_s <= 0:
            raise self.over()
        return left_s

    def over(self) -> TimedOut:
        """Return the error of a call whose time is over."""
        return TimedOut(engine=self.engine.name, is_first=not self.has_words)
