"""Identifiers: UUIDs of version 7, so that a list ordered by id is ordered by birth and tells nothing else."""

import secrets
import time
from typing import NewType
from uuid import UUID

SchoolId = NewType("SchoolId", UUID)
UserId = NewType("UserId", UUID)
CollectionId = NewType("CollectionId", UUID)
DocumentId = NewType("DocumentId", UUID)
ChunkId = NewType("ChunkId", UUID)
RunId = NewType("RunId", UUID)


def new_id() -> UUID:
    """Return a fresh UUID: 48 bits of milliseconds, 74 random ones.

    Source: RFC 9562, section 5.7. Python has `uuid.uuid7` from 3.14 only.
    """
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & (1 << 48) - 1) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)
