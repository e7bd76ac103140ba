"""DOC and RTF: LibreOffice makes a DOCX of them, in processes of its own with limits; then that one is read."""

import os
import shutil
import signal
import subprocess
import tempfile
from contextlib import suppress
from functools import cache
from pathlib import Path

from documents.blocks import ParsedDocument
from documents.parsers import docx
from documents.parsers.base import (
    MAX_FILE_BYTES,
    MIB,
    Broken,
    ParseTimeout,
    ParseTooBig,
    Progress,
    Refused,
    ignore_progress,
)

WALL_S = 60.0
CPU_S = 50
MEMORY_BYTES = 4_096 * MIB  # address space, of which LibreOffice reserves far more than it uses
CONVERTERS = ("soffice", "libreoffice")
NOWHERE = (
    "http://127.0.0.1:9"  # discard: for links to pictures elsewhere, where the network cannot be cut off
)
_RTF = b"{\\rtf"
# One shell sets the limits for all that comes after it, and is replaced by it.
_LIMITS = (
    f"ulimit -c 0; ulimit -t {CPU_S}; ulimit -v {MEMORY_BYTES // 1024}; ulimit -f {MAX_FILE_BYTES // 512}; "
    'exec "$@"'
)


def parse(path: Path, progress: Progress = ignore_progress) -> ParsedDocument:
    """Return what a document says. Starts LibreOffice, which the sandbox forbids: there `convert` goes before."""
    with tempfile.TemporaryDirectory(prefix="word97-") as folder:
        return docx.parse(convert(path, Path(folder)), progress)


def convert(path: Path, folder: Path, *, search_path: str | None = None, wall_s: float = WALL_S) -> Path:
    """Return the DOCX that LibreOffice made of a document, in `folder`.

    Raises `Refused` (`converter_missing`), `Broken`, `ParseTimeout` or `ParseTooBig`.
    """
    with path.open("rb") as file:
        ending = "rtf" if file.read(len(_RTF)) == _RTF else "doc"
    source = folder / f"source.{ending}"
    source.symlink_to(path.resolve())
    result = converted(source, folder, to="docx:MS Word 2007 XML", search_path=search_path, wall_s=wall_s)
    if result is None:
        raise Broken(
            "LibreOffice no pudo abrir el documento: puede estar dañado o tener contraseña. Abrirlo, guardarlo como "
            ".docx y volver a subirlo.",
            code=f"broken_{ending}",
        )
    if result.stat().st_size > MAX_FILE_BYTES:
        raise ParseTooBig("El documento, convertido, es demasiado grande para leerlo. Conviene dividirlo.")
    return result


def converted(
    source: Path, folder: Path, *, to: str, search_path: str | None = None, wall_s: float = WALL_S
) -> Path | None:
    """Return what LibreOffice made of a file, in `folder`; None where it made nothing.

    `to`: the ending, and a filter's name behind a colon. Raises `Refused` (`converter_missing`) or `ParseTimeout`.
    """
    search_path = search_path or os.pathsep.join(os.get_exec_path())
    converter = next(filter(None, (shutil.which(name, path=search_path) for name in CONVERTERS)), None)
    if converter is None:
        raise Refused(
            "Para leer archivos .doc y .rtf hace falta LibreOffice, que no está instalado en el servidor. Guardar el "
            "documento como .docx y volver a subirlo, o pedir que lo instalen.",
            code="converter_missing",
        )
    home, made = folder / "home", folder / "made"
    home.mkdir()
    _run(
        [
            *_cut_off(search_path),
            "sh", "-c", _LIMITS, "sh", converter,
            "--headless", "--norestore", "--nologo", "--nolockcheck",
            f"-env:UserInstallation={(folder / 'profile').resolve().as_uri()}",
            "--convert-to", to, "--outdir", str(made), str(source),
        ],
        home=home, search_path=search_path, wall_s=wall_s,
    )  # fmt: skip
    result = made / f"{source.stem}.{to.partition(':')[0]}"
    return result if result.is_file() else None


def _run(command: list[str], *, home: Path, search_path: str, wall_s: float) -> None:
    """Run the conversion and wait; when it takes too long, or this ends otherwise, its whole group is killed."""
    proxies = {f"{name}_proxy": NOWHERE for name in ("http", "https", "ftp", "all")}
    process = subprocess.Popen(  # noqa: S603  # a program of this machine, arguments of ours
        command,
        cwd=home,
        env={"PATH": search_path, "HOME": str(home), "TMPDIR": str(home), "LC_ALL": "C.UTF-8", **proxies},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        process.wait(timeout=wall_s)
    except subprocess.TimeoutExpired as error:
        raise ParseTimeout(
            "La conversión del documento tardó demasiado y se detuvo. Guardarlo como .docx y volver a subirlo.",
            code="conversion_timeout",
        ) from error
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # also what it left behind
        process.wait()


@cache
def _cut_off(search_path: str) -> tuple[str, ...]:
    """Return what goes before a command to take its network away, nothing where the system does not allow it."""
    unshare = shutil.which("unshare", path=search_path)
    if unshare is None:
        return ()
    for options in (("--net",), ("--map-current-user", "--net")):
        command = (unshare, *options, "--")
        tried = subprocess.run((*command, "true"), capture_output=True, check=False)  # noqa: S603  # our own
        if tried.returncode == 0:
            return command
    return ()
