"""Answers, vectors and transcriptions by OpenAI."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from engines import wire
from engines.base import ChatRequest, Engine, Piece, Purpose, Sound, Task, Transcript, Vectored
from engines.keys import Keys
from engines.providers import _openai_chat, _openai_work
from engines.providers._openai_line import Server

TASKS: tuple[Task, ...] = ("chat", "embed", "transcribe")

_ADDRESS = "https://api.openai.com/v1"
_APIS = ("responses", "chat")


def make(engine: Engine, keys: Keys) -> "OpenAI":
    """Return the provider of an entry."""
    if not engine.model:
        raise keys.wrong("model", _("falta."))
    return OpenAI(
        server=Server(
            engine=engine,
            address=keys.address("address", runs=engine.runs, default=_ADDRESS),
            secret=wire.secret(keys),
        ),
        api=keys.choice("api", _APIS, default=_APIS[0]),
        sends_dimension=keys.flag("send_dimensions", default=False),
    )


@dataclass(frozen=True, slots=True)
class OpenAI:
    """One model of one account."""

    server: Server
    api: str
    sends_dimension: bool

    @property
    def variant(self) -> str:
        """Return nothing: model and dimension say it all."""
        return ""

    def stream(self, request: ChatRequest) -> AsyncIterator[Piece]:
        """Yield Texts and one Usage."""
        if self.api == "chat":
            return _openai_chat.completions(self.server, request, of_maker=True)
        return _openai_chat.responses(self.server, request)

    def embed(self, texts: Sequence[str], *, purpose: Purpose) -> Vectored:
        """Return one row of length 1 per text."""
        return self.server.done(
            _openai_work.embed(self.server, texts, purpose=purpose, sends_dimension=self.sends_dimension)
        )

    def transcribe(self, sound: Sound) -> Transcript:
        """Return what a recording says; times of words by whisper-1 alone."""
        timing: _openai_work.Timing = "words" if self.server.engine.model.startswith("whisper") else "none"
        return self.server.done(_openai_work.transcribe(self.server, sound, timing=timing))

    def check(self) -> None:
        """Ask for the model's card, which costs nothing."""
        self.server.check_model()

    def models(self) -> tuple[str, ...]:
        """Return the models that the key reaches."""
        return self.server.models()
