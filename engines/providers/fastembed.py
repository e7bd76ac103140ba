"""Embeddings by an ONNX model in this very process (the optional package `fastembed`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from engines import vectors
from engines.base import BadAnswer, Engine, Misconfigured, Purpose, Task, Usage, Vectored
from engines.keys import Keys

if TYPE_CHECKING:
    from fastembed import TextEmbedding

TASKS: tuple[Task, ...] = ("embed",)

_POOLINGS = ("mean", "cls", "last_token", "disabled")
_NEEDED_FILES = ("tokenizer.json", "tokenizer_config.json")
_BATCH = 16  # texts padded to one length together: memory grows with it, speed on one core hardly
_FREE = Usage(tokens_in=0, tokens_out=0)
_loading = Lock()


def make(engine: Engine, keys: Keys) -> "FastEmbed":
    """Return the provider of an entry."""
    if engine.runs != "here":
        raise keys.wrong("runs", _("fastembed trabaja en este mismo equipo: debe ser «here»."))
    directory = keys.folder("directory")
    provider = FastEmbed(
        engine=engine,
        directory=directory,
        models=keys.models,
        pooling=keys.choice("pooling", _POOLINGS, default="mean") if directory else "",
        model_file=keys.text("model_file", default="model.onnx") if directory else "",
    )
    if directory:
        for name in (*_NEEDED_FILES, provider.model_file):
            if not (directory / name).is_file():
                raise keys.wrong("directory", _("falta en la carpeta el archivo %s.") % name)
    return provider


@dataclass(frozen=True, slots=True)
class FastEmbed:
    """One model: a folder of ours, or a name that fastembed knows and downloads once into `models`."""

    engine: Engine
    directory: Path | None
    models: Path
    pooling: str
    model_file: str

    @property
    def variant(self) -> str:
        """Return how a model of our own is pooled; fastembed knows that of its own ones."""
        return self.pooling

    def embed(self, texts: Sequence[str], *, purpose: Purpose) -> Vectored:
        """Return one row of length 1 per text."""
        if not texts:
            return Vectored(vectors.checked([], engine=self.engine, count=0), _FREE)
        with _loading:
            model = _load(self)
        # To fastembed the two differ for models with a switch inside; prefixes it leaves to us.
        if purpose == "query":
            found = model.query_embed([self.engine.query_prefix + text for text in texts], batch_size=_BATCH)
        else:
            found = model.passage_embed(
                [self.engine.index_prefix + text for text in texts], batch_size=_BATCH
            )
        try:
            rows = list(found)
        except Exception as error:  # onnxruntime's have no other common class
            raise BadAnswer(f"{type(error).__name__}: {error}", engine=self.engine.name) from error
        return Vectored(vectors.checked(rows, engine=self.engine, count=len(texts)), _FREE)

    def check(self) -> None:
        """Raise the error that a call would meet, by embedding one word; may download the model."""
        self.embed(["prueba"], purpose="index")


@lru_cache(maxsize=2)
def _load(provider: FastEmbed) -> "TextEmbedding":
    """Return the model in memory; the process keeps it."""
    engine = provider.engine
    try:
        from fastembed import TextEmbedding
    except ImportError as error:
        raise Misconfigured(
            _(
                "falta el paquete fastembed. Se instala con: "
                ".venv/bin/python -m pip install -r requirements-fastembed.in"
            ),
            entry=engine.name,
            key="provider",
        ) from error
    known = {model["model"].lower() for model in TextEmbedding.list_supported_models()}
    if provider.directory:
        name = _register(provider)
    elif engine.model.lower() in known:
        name = engine.model
        provider.models.mkdir(parents=True, exist_ok=True)
    else:
        raise Misconfigured(
            _("fastembed no conoce este modelo; se puede dar su carpeta con «directory»."),
            entry=engine.name,
            key="model",
        )
    try:
        return TextEmbedding(
            name,
            cache_dir=str(provider.models),
            threads=1,  # the workers share the machine's cores among themselves
            cuda=False,
            specific_model_path=str(provider.directory) if provider.directory else None,
        )
    except Exception as error:  # onnxruntime's, tokenizers' and the hub's have no other common class
        if provider.directory:
            raise Misconfigured(
                _("no se pudo cargar el modelo."), entry=engine.name, key="directory"
            ) from error
        raise Misconfigured(
            _(
                "no se pudo descargar o cargar el modelo; sin internet se puede copiar su carpeta "
                "y darla con «directory»."
            ),
            entry=engine.name,
            key="model",
        ) from error


def _register(provider: FastEmbed) -> str:
    """Make a folder of ours known to fastembed; return the name it has there."""
    from fastembed import TextEmbedding
    from fastembed.common.model_description import ModelSource, PoolingType

    name = f"{provider.directory}#{provider.model_file}#{provider.pooling}#{provider.engine.dimension}"
    if name.lower() not in {model["model"].lower() for model in TextEmbedding.list_supported_models()}:
        TextEmbedding.add_custom_model(
            model=name,
            pooling=PoolingType[provider.pooling.upper()],
            normalization=True,
            sources=ModelSource(hf=name),  # must be given, is never asked: the folder is
            dim=provider.engine.dimension,
            model_file=provider.model_file,
        )
    return name
