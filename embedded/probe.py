"""Small questions to a server over a bare socket: no HTTP library, so that the supervisor stays slim."""

import socket


def http_status(host: str, port: int, path: str, *, timeout_s: float = 2.0) -> int | None:
    """Return the status that GET answers; None when nobody answers."""
    answer = _exchange(
        host,
        port,
        f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode(),
        timeout_s,
    )
    parts = answer.split(b" ", 2)
    return int(parts[1]) if len(parts) > 1 and parts[0].startswith(b"HTTP/") and parts[1].isdigit() else None


def redis_answers(host: str, port: int, password: str, *, timeout_s: float = 2.0) -> bool:
    """Tell whether Redis lets us in and has loaded its data."""
    return _exchange(host, port, f"AUTH {password}\r\nPING\r\nQUIT\r\n".encode(), timeout_s).startswith(
        b"+OK\r\n+PONG"
    )


def _exchange(host: str, port: int, request: bytes, timeout_s: float) -> bytes:
    try:
        with socket.create_connection((host, port), timeout=timeout_s) as connection:
            connection.settimeout(timeout_s)
            connection.sendall(request)
            answer = b""
            while len(answer) < 64:
                piece = connection.recv(4096)
                if not piece:
                    break
                answer += piece
            return answer
    except OSError:
        return b""
