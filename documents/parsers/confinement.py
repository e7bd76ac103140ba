"""Limits a process puts on itself before it reads a foreign file: memory, time, files, network, children."""

import ctypes
import gc
import os
import platform
import resource
import signal
import struct
from collections.abc import Collection

_libc = ctypes.CDLL(None, use_errno=True)

_PR_SET_PDEATHSIG = 1
_PR_SET_SECCOMP = 22
_PR_SET_NO_NEW_PRIVS = 38
_SECCOMP_MODE_FILTER = 2

_LOAD, _JUMP_EQUAL, _JUMP_ANY_BIT, _JUMP_AT_LEAST, _RETURN = 0x20, 0x15, 0x45, 0x35, 0x06
_ALLOW, _DENY = 0x7FFF0000, 0x00050000 | 1  # errno 1: not permitted
_UNKNOWN = 0x00050000 | 38  # errno 38: no such call, so that the C library takes the older one
_NUMBER_AT, _ARCH_AT, _CLONE_FLAGS_AT, _OPEN_FLAGS_AT, _OPENAT_FLAGS_AT = 0, 4, 16, 24, 32
_WRITING_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_X32 = 0x40000000
# A thread of this process is not another process: the decoder of HEIC makes one.
_CLONE_THREAD = 0x10000
_CLONE3 = 435

# Processes, sockets, other processes' memory, and names in the file system. Reading and the open pipe stay.
_SYSTEMS = {
    "x86_64": (
        0xC000003E,
        56,
        (41, 42, 49, 53, 57, 58, 59, 62, 76, 82, 83, 84, 86, 87, 88, 90, 92, 101, 133, 165, 258, 259, 260,
         263, 264, 265, 266, 268, 310, 311, 316, 322, 425, 437),
        {2: _OPEN_FLAGS_AT, 257: _OPENAT_FLAGS_AT},
    ),
    "aarch64": (
        0xC00000B7,
        220,
        (33, 34, 35, 36, 37, 38, 40, 45, 53, 54, 117, 129, 198, 199, 200, 203, 221, 270, 271, 276, 281, 425, 437),
        {56: _OPENAT_FLAGS_AT},
    ),
}  # fmt: skip

MAX_OPEN_FILES = 64


def confine(*, memory_bytes: int, cpu_s: int, keep: Collection[int], may_open: bool = True) -> None:
    """Limit this process for good; of its open files only those in `keep` remain.

    Without `may_open` it can read nothing but those. `memory_bytes` comes on top of what the process maps already.
    Where the machine knows no seccomp filter, or is neither x86_64 nor aarch64, the limits hold but the network and
    the files stay open.
    """
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    for number in (signal.SIGALRM, signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    signal.set_wakeup_fd(-1)
    gc.disable()  # a short life; the parent's pages stay shared
    mapped_bytes = address_space_bytes()
    nothing = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(nothing, fd)
    first = 3
    for fd in (*sorted(keep), os.sysconf("SC_OPEN_MAX")):
        os.closerange(first, fd)
        first = fd + 1
    for limit, value in (
        (resource.RLIMIT_AS, mapped_bytes + memory_bytes),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, MAX_OPEN_FILES),
    ):
        _lower(limit, value, value)
    _lower(resource.RLIMIT_CPU, cpu_s, cpu_s + 2)
    _filter_calls(may_open=may_open)


def address_space_bytes() -> int:
    """Return how much address space this process maps now."""
    with open("/proc/self/statm", "rb") as statm:
        return int(statm.read().split()[0]) * resource.getpagesize()


def resident_bytes() -> int:
    """Return how much of this process lies in memory now."""
    with open("/proc/self/statm", "rb") as statm:
        return int(statm.read().split()[1]) * resource.getpagesize()


def _lower(limit: int, soft: int, hard: int) -> None:
    allowed = resource.getrlimit(limit)[1]
    if allowed != resource.RLIM_INFINITY:
        soft, hard = min(soft, allowed), min(hard, allowed)
    resource.setrlimit(limit, (soft, hard))


def _filter_calls(*, may_open: bool) -> None:
    system = _SYSTEMS.get(platform.machine())
    if system is None:
        return
    arch, clone, denied, opens = system
    program = _program(arch, clone, denied if may_open else (*denied, *opens), opens)
    buffer = ctypes.create_string_buffer(program)
    header = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(buffer))
    _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    _libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.create_string_buffer(header), 0, 0)


def _program(arch: int, clone: int, denied: tuple[int, ...], opens: dict[int, int]) -> bytes:
    """Return a classic BPF program: deny another architecture's calls, `denied`, processes, and opening for writing."""

    def step(code: int, value: int, then: int = 0, otherwise: int = 0) -> bytes:
        return struct.pack("<HBBI", code, then, otherwise, value)

    deny, allow = step(_RETURN, _DENY), step(_RETURN, _ALLOW)
    steps = [step(_LOAD, _ARCH_AT), step(_JUMP_EQUAL, arch, 1, 0), deny, step(_LOAD, _NUMBER_AT)]
    steps += [step(_JUMP_AT_LEAST, _X32, 0, 1), deny]
    for number in denied:
        steps += [step(_JUMP_EQUAL, number, 0, 1), deny]
    # The flags of the newer call lie in memory, where a filter cannot look.
    steps += [step(_JUMP_EQUAL, _CLONE3, 0, 1), step(_RETURN, _UNKNOWN)]
    steps += [
        step(_JUMP_EQUAL, clone, 0, 4),
        step(_LOAD, _CLONE_FLAGS_AT),
        step(_JUMP_ANY_BIT, _CLONE_THREAD, 1, 0),
        deny,
        allow,
    ]
    for number, flags_at in opens.items():
        steps += [
            step(_JUMP_EQUAL, number, 0, 4),
            step(_LOAD, flags_at),
            step(_JUMP_ANY_BIT, _WRITING_FLAGS, 0, 1),
            deny,
            allow,
        ]
    return b"".join([*steps, allow])
