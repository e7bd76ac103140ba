"""A Whisper brought from the hub into the installation's folder of models: by hand, whole, or not at all."""

import shutil
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from engines.providers import _whisper

FILES = ("config.json", "preprocessor_config.json", "model.bin", "tokenizer.json", "vocabulary.*")
_SPARE = 1.05  # of what it takes, for what a disk keeps to itself

Tell = Callable[[int, int], None]
"""Is told the bytes that are here, and all of them."""


class NotFetched(Exception):
    """The model could not be brought, with what to do about it in words for a technician."""


def fetch(model: str, *, models: Path, address: str | None = None, tell: Tell = lambda *_sizes: None) -> Path:
    """Return the folder of a model, brought from the hub unless it is there; raise NotFetched.

    What was brought before the line broke is not brought again.
    """
    folder = models / _whisper.folder_name(model)
    if _whisper.is_whole(folder):
        return folder
    repository = _whisper.repository(model)
    if not repository:
        raise NotFetched(
            _(
                "No se conoce el modelo «%s». Puede ser tiny, base, small, medium, large-v3, turbo, o dueño/nombre."
            )
            % model
        )
    try:
        models.mkdir(parents=True, exist_ok=True)
        sizes = _sizes(repository, address)
        _check_room(models, sum(sizes.values()))
        unfinished = folder.with_name(folder.name + ".part")
        _bring(repository, address, sizes, unfinished, tell)
        if not _whisper.is_whole(unfinished):
            raise NotFetched(_("El repositorio «%s» no tiene un modelo para faster-whisper.") % repository)
        shutil.rmtree(unfinished / ".cache", ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)
        unfinished.rename(folder)
    except OSError as error:  # the hub's are too, as are those of the line
        raise NotFetched(_why(error, repository, folder)) from error
    except ValueError as error:  # a name that no repository can have
        raise NotFetched(_("«%s» no es el nombre de un repositorio.") % repository) from error
    except Exception as error:  # the hub's client lets through whatever its line raises; others go on
        if not _is_of_line(error):
            raise
        raise NotFetched(_unreachable(folder)) from error
    return folder


def _sizes(repository: str, address: str | None) -> dict[str, int]:
    """Return the files of a model that are needed, with their sizes."""
    from huggingface_hub import HfApi

    found = HfApi(endpoint=address).model_info(repository, files_metadata=True)
    return {
        each.rfilename: each.size or 0
        for each in found.siblings or ()
        if any(fnmatch(each.rfilename, pattern) for pattern in FILES)
    }


def _check_room(models: Path, needed: int) -> None:
    free = shutil.disk_usage(models).free
    if free < needed * _SPARE:
        told = {"needed": needed / 1e6, "free": free / 1e6, "folder": models}
        raise NotFetched(
            _("No hay lugar en %(folder)s: hacen falta %(needed).0f MB y quedan %(free).0f MB.") % told
        )


def _bring(repository: str, address: str | None, sizes: dict[str, int], folder: Path, tell: Tell) -> None:
    from huggingface_hub import hf_hub_download

    total, done = sum(sizes.values()), 0
    for name, size in sorted(sizes.items()):
        hf_hub_download(
            repository, name, local_dir=folder, endpoint=address, tqdm_class=_telling(tell, done, total)
        )
        done += size
        tell(done, total)


def _telling(tell: Tell, before: int, total: int) -> Any:
    """Return what tells how far a file is, in the place of what draws a bar."""
    from tqdm.auto import tqdm  # type: ignore[import-untyped]  # its bars are how the hub tells of progress

    class Telling(tqdm):  # type: ignore[misc]  # of an untyped class
        here = 0

        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **{**options, "disable": True})

        def update(self, n: float | None = 1) -> bool | None:
            self.here += int(n or 0)
            tell(before + self.here, total)
            return None

    return Telling


def _why(error: OSError, repository: str, folder: Path) -> str:
    from huggingface_hub import errors

    if isinstance(error, errors.GatedRepoError):
        return _("El modelo «%s» pide aceptar sus condiciones en el sitio de quien lo publica.") % repository
    if isinstance(error, errors.RepositoryNotFoundError | errors.RevisionNotFoundError):
        return _("El repositorio «%s» no existe, o no es público.") % repository
    if _is_of_line(error) or isinstance(error, errors.HfHubHTTPError | errors.LocalEntryNotFoundError):
        return _unreachable(folder)
    return _("No se pudo guardar el modelo en %(folder)s: %(why)s") % {
        "folder": folder.parent,
        "why": error.strerror or type(error).__name__,
    }


def _is_of_line(error: Exception) -> bool:
    import httpx

    return isinstance(error, httpx.HTTPError | ConnectionError | TimeoutError)


def _unreachable(folder: Path) -> str:
    return _(
        "No se pudo descargar: no se llega al repositorio, o se cortó. Repetir la orden sigue donde quedó. Sin "
        "internet, se copia la carpeta del modelo (model.bin, config.json, tokenizer.json) a %s"
    ) % (folder)
