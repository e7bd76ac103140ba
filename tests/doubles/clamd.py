"""The virus scanner: the real clamd with one signature of the test's own, and a double that fails as told."""

import shutil
import socket
import socketserver
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

# Two halves, so that no scanner takes this file away.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-" + b"STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
NAME = "Preceptor.Prueba.EICAR.UNOFFICIAL"
STREAM_MOST_BYTES = 4 * 1024 * 1024
_SIGNATURE = f"Preceptor.Prueba.EICAR:0:*:{EICAR.hex()}\n"
_SETTINGS = """
LocalSocket {folder}/s
DatabaseDirectory {folder}/signatures
TemporaryDirectory {folder}
LogFile {folder}/log
Foreground yes
StreamMaxLength 4M
MaxRecursion 4
AlertExceedsMax yes
MaxThreads 2
DisableCache yes
ScanArchive {opens_archives}
"""
_READY_WITHIN_S = 60.0


def program() -> str | None:
    """Return where the daemon is, which Debian keeps out of most people's path; None where it is not installed."""
    return shutil.which("clamd") or shutil.which("clamd", path="/usr/sbin:/usr/local/sbin")


@dataclass(slots=True)
class Daemon:
    """A clamd of the test's own. `opens_archives`: whether it looks into a ZIP, as it does unless told not to."""

    folder: Path
    process: subprocess.Popen[bytes]

    @property
    def address(self) -> str:
        """Return it as CLAMAV_ADDRESS has it."""
        return f"unix:{self.folder}/s"

    def kill(self) -> None:
        """End it as a crash does."""
        self.process.kill()
        self.process.wait()
        (self.folder / "s").unlink(missing_ok=True)


@contextmanager
def running(folder: Path, *, opens_archives: bool = True) -> Iterator[Daemon]:
    """Run clamd; `folder` must have a short name, as the path of a socket has few letters."""
    clamd = program()
    assert clamd is not None
    (folder / "signatures").mkdir(exist_ok=True)
    (folder / "signatures" / "prueba.ndb").write_text(_SIGNATURE)
    settings = _SETTINGS.format(folder=folder, opens_archives="yes" if opens_archives else "no")
    (folder / "clamd.conf").write_text(settings)
    process = subprocess.Popen(
        [clamd, "-c", str(folder / "clamd.conf")],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    daemon = Daemon(folder, process)
    try:
        deadline = time.monotonic() + _READY_WITHIN_S
        while not _answers(folder / "s"):
            assert process.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < deadline, "clamd does not start"
            time.sleep(0.02)
        yield daemon
    finally:
        process.kill()
        process.wait()


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line, suppress(OSError):
        line.connect(str(path))
        return True
    return False


@dataclass(slots=True)
class Double:
    """A scanner over a real socket that does as told: `says` is its answer, None: it says nothing at all."""

    address: str
    says: bytes | None = b"stream: OK\0"
    after_bytes: int | None = None  # answers, or hangs up, in the midst of the file
    heard_bytes: int = 0


@contextmanager
def double() -> Iterator[Double]:
    """Give a scanner that takes whole files and finds nothing, until it is told otherwise."""
    told = Double("")
    ends = threading.Event()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            assert self.rfile.read(10) == b"zINSTREAM\0"
            heard = 0
            while length := int.from_bytes(self.rfile.read(4), "big"):
                heard += len(self.rfile.read(length))
                told.heard_bytes = heard
                if told.after_bytes is not None and heard >= told.after_bytes:
                    break
            if told.says is None:
                ends.wait(60)
            else:
                self.wfile.write(told.says)

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """Say nothing of a client that went away."""

    with Server(("127.0.0.1", 0), Handler) as server:
        told.address = f"tcp:127.0.0.1:{server.server_address[1]}"
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        serving.start()
        try:
            yield told
        finally:
            ends.set()
            server.shutdown()
            serving.join()
