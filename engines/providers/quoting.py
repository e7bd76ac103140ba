"""The engine that needs no model: it answers with the best sentences of the sources, word for word."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from time import perf_counter

from django.utils.translation import gettext as _

from engines import quoting
from engines.base import ChatRequest, Engine, Piece, Refusal, Task, Text, Usage
from engines.keys import Keys

TASKS: tuple[Task, ...] = ("chat",)

_MOST_QUOTES = 3
_CUT_WORD = re.compile(r"(?<=[^\W\d_])[-‐]\s*\n\s*(?=[^\W\d_])")
_INNER = str.maketrans("«»", "“”")  # the outer marks must be the only ones of their shape


def make(engine: Engine, keys: Keys) -> "Quoting":
    """Return the provider of an entry."""
    if engine.runs != "here":
        raise keys.wrong("runs", _("citar se hace en este mismo equipo: debe ser «here»."))
    return Quoting(most=keys.whole("quotes", least=1, most=10, default=_MOST_QUOTES))


@dataclass(frozen=True, slots=True)
class Quoting:
    """Answers with `most` sentences or fewer."""

    most: int

    def stream(self, request: ChatRequest) -> Iterator[Piece]:
        """Yield one paragraph per quote, «…» [n], best first; a Refusal when the sources hold no answer."""
        started = perf_counter()
        passages = [
            quoting.Passage(
                source.text,
                prior=source.prior,
                heading=f"{source.title} › {source.heading}",
                support=source.support,
            )
            for source in request.sources
        ]
        quoted = quoting.quote(request.question, passages, most=self.most)
        if quoted.is_enough:
            for paragraph in _paragraphs(request, quoted):
                yield Text(paragraph)
        else:
            yield Refusal(_("Los documentos consultados no contienen una respuesta a esta pregunta."))
        yield Usage(tokens_in=0, tokens_out=0, seconds=perf_counter() - started)

    def check(self) -> None:
        """Quote one sentence, which needs the weights that come with the product."""
        quoting.quote("prueba", [quoting.Passage("Una prueba.")])


def _paragraphs(request: ChatRequest, quoted: quoting.Quoted) -> Iterator[str]:
    told: set[str] = set()
    for quote in quoted.quotes:
        source = request.sources[quote.passage_index]
        words = _on_one_line(source.text[quote.start : quote.end])
        if words not in told:  # the same rule stands in several documents
            yield ("\n\n" if told else "") + f"«{words}» [{source.n}]"
            told.add(words)


def _on_one_line(text: str) -> str:
    return " ".join(_CUT_WORD.sub("", text).split()).translate(_INNER)
