"""A Whisper of faster-whisper's: found on this machine, never fetched, and kept in memory between calls."""

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from engines.base import Failure, Misconfigured

NEEDED = (
    "model.bin",
    "config.json",
    "tokenizer.json",
)  # without the last the library would ask the hub for it
IDLE_S = 900.0  # then its memory is given back
MOST_THREADS = 8  # more make one clip slower, not faster


@dataclass(frozen=True, slots=True)
class Place:
    """Where a model may lie: a folder of its own, or a name to look for among the downloaded ones."""

    engine: str
    model: str
    directory: Path | None
    models: Path

    def find(self) -> Path | None:
        """Return the model's folder: its own, the installation's, or the hub's cache; None: it is not here."""
        if self.directory is not None:
            return self.directory
        named = self.models / folder_name(self.model)
        if is_whole(named):
            return named
        return _cached(self.model)

    def lacks(self) -> str:
        """Return what is missing and how to get it, in words for staff; empty when all is there."""
        if self.find() is not None:
            return ""
        return _("Falta el modelo de voz: ./preceptor manage get_speech_model %s") % self.model


def folder_name(model: str) -> str:
    """Return the name of the folder in which a downloaded model is kept."""
    return "whisper-" + model.replace("/", "--")


def is_whole(folder: Path) -> bool:
    """Say whether all of a model is in a folder."""
    return all((folder / name).is_file() for name in NEEDED)


def repository(model: str) -> str:
    """Return the hub's repository of a model by its usual name or its own; "" for a name that nobody knows."""
    from faster_whisper import utils

    if model.count("/") == 1:
        return model
    return str(utils._MODELS.get(model, ""))


def _cached(model: str) -> Path | None:
    from huggingface_hub import try_to_load_from_cache

    name = repository(model)
    found = try_to_load_from_cache(name, "model.bin") if name else None
    folder = Path(found).parent if isinstance(found, str) else None
    return folder if folder is not None and is_whole(folder) else None


@dataclass(frozen=True, slots=True)
class Loading:
    """How a model is loaded."""

    folder: Path
    device: str
    compute_type: str
    threads: int


@dataclass(slots=True)
class _Loaded:
    process: int
    loading: Loading
    model: Any


_lock = threading.RLock()  # a model serves one call at a time, and one is kept
_kept: list[_Loaded] = []
_timers: list[threading.Timer] = []


@contextmanager
def loaded(place: Place, *, device: str, compute_type: str, threads: int) -> Iterator[Any]:
    """Give the model, alone, for as long as the block lasts; raise Misconfigured when it cannot be had."""
    folder = place.find()
    if folder is None:
        raise Misconfigured(place.lacks(), entry=place.engine, key="model")
    loading = _settle(folder, device, compute_type, threads)
    with _lock:
        for timer in _timers:
            timer.cancel()
        _timers.clear()
        try:
            yield _get(loading, place)
        finally:
            timer = threading.Timer(IDLE_S, _let_go)
            timer.daemon = True
            timer.start()
            _timers.append(timer)


def _get(loading: Loading, place: Place) -> Any:
    if _kept and _kept[0].process == os.getpid() and _kept[0].loading == loading:
        return _kept[0].model
    _kept.clear()  # before the next takes memory too
    model = _load(loading, place)
    _kept.append(_Loaded(os.getpid(), loading, model))
    return model


def _let_go() -> None:
    with _lock:
        _kept.clear()


def _settle(folder: Path, device: str, compute_type: str, threads: int) -> Loading:
    """Return what "auto" stands for on this machine."""
    if device == "auto":
        import ctranslate2

        device = "cuda" if ctranslate2.get_cuda_device_count() > 0 else "cpu"
    if compute_type == "auto":
        compute_type = "int8_float16" if device == "cuda" else "int8"
    return Loading(folder, device, compute_type, threads or min(len(os.sched_getaffinity(0)), MOST_THREADS))


def _load(loading: Loading, place: Place) -> Any:
    from faster_whisper import WhisperModel

    logging.getLogger("faster_whisper").setLevel(logging.WARNING)  # or it tells of every clip
    key = "directory" if place.directory is not None else "model"
    if not is_whole(loading.folder):
        raise Misconfigured(
            _("falta en la carpeta alguno de estos archivos: %s.") % ", ".join(NEEDED),
            entry=place.engine,
            key=key,
        )
    try:
        return WhisperModel(
            str(loading.folder),
            device=loading.device,
            compute_type=loading.compute_type,
            cpu_threads=loading.threads,
            local_files_only=True,
        )
    except MemoryError as error:
        raise _no_memory(place) from error
    except ValueError as error:  # of a device or a type of numbers that this machine has not
        raise Misconfigured(
            _("este equipo no puede usar «%(device)s» con «%(type)s».")
            % {"device": loading.device, "type": loading.compute_type},
            entry=place.engine,
            key="compute_type",
        ) from error
    except Exception as error:  # ctranslate2's and tokenizers' have no other common class
        if "out of memory" in str(error).lower():
            raise _no_memory(place) from error
        raise Misconfigured(
            _("no se pudo cargar el modelo: conviene descargarlo de nuevo."), entry=place.engine, key=key
        ) from error


def _no_memory(place: Place) -> Misconfigured:
    return Misconfigured(
        _("no hay memoria para este modelo: conviene uno más chico."),
        entry=place.engine,
        key="model",
        failure=Failure.OVERLOAD,
    )
