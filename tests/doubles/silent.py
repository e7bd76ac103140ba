"""A server that takes connections and says nothing: what a machine that hangs looks like from outside."""

import socket
import threading
from types import TracebackType


class Silent:
    """Listens for the length of a `with`; `reached` is set once somebody has written to it."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._held: list[socket.socket] = []
        self._thread = threading.Thread(target=self._take, daemon=True)

    @property
    def port(self) -> int:
        """Return where it listens."""
        return int(self._listening.getsockname()[1])

    def __enter__(self) -> "Silent":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        # `close` alone would leave the thread in `accept`.
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join()
        for held in self._held:
            held.close()

    def _take(self) -> None:
        while True:
            try:
                taken, _address = self._listening.accept()
            except OSError:
                return
            self._held.append(taken)
            if taken.recv(1, socket.MSG_PEEK):
                self.reached.set()
