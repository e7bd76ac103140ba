"""The collections of the embedded Qdrant: one engine shard each, written by one thread at a time.

The engine's log makes an applied write survive the death of this process; `flush`, the machine's. New points
stand in memory; in quiet moments the engine packs them into segments that it reads from the disk as needed: a
sixth of the memory, and a start six times as fast. A graph over dense vectors is never built: building one
would stop the process for minutes, and scanning one school is quick.
"""

import ctypes
import json
import os
import shutil
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import qdrant_edge as edge

from embedded import qdrant_shapes as shapes

_VACUUM_SHARE = 0.3
_VACUUM_LEAST = 1_000
_PACK_FROM_KB, _PACK_UP_TO_KB = 10_000, 20_000  # packing one such segment takes about a second
_QUIET_S = 60.0
_LIBC = ctypes.CDLL(None)
_SPEED_ONLY = (
    "shard_number",
    "replication_factor",
    "write_consistency_factor",
    "hnsw_config",
    "optimizers_config",
    "wal_config",
    "on_disk_payload",
)
"""Accepted and not used: they change where a real server keeps things and how fast, not what it answers."""


class NoSuchCollection(Exception):
    """There is no collection of this name."""


class CollectionExists(Exception):
    """There is a collection of this name already."""


@dataclass(slots=True)
class Collection:
    """One shard with the lock of its writers."""

    shard: edge.EdgeShard
    parameters: dict[str, Any]
    lock: threading.Lock = field(default_factory=threading.Lock)
    operations: int = 0
    is_dirty: bool = False
    packed_at_operation: int = -1  # after a start nobody knows, so it looks once
    used_at: float = field(default_factory=time.monotonic)

    def require_vectors(self, points: Sequence[Mapping[str, Any]]) -> None:
        """Refuse vectors that this collection cannot hold.

        The engine refuses them too, but only after it has written them to its log: the next start would find
        a point without vectors.
        """
        dense, sparse = self.parameters["vectors"], self.parameters["sparse_vectors"]
        for point in points:
            for name, vector in point["vector"].items():
                if name not in dense and name not in sparse:
                    raise shapes.BadRequest(f"Not existing vector name error: {name}")
                if isinstance(vector, dict) != (name in sparse):
                    raise shapes.BadRequest(
                        f"vector {name}: {'sparse' if name in sparse else 'dense'} is expected."
                    )
                if name in dense and len(vector) != dense[name]["size"]:
                    raise shapes.BadRequest(
                        f"Vector dimension error: expected dim: {dense[name]['size']}, got {len(vector)}"
                    )

    def update(self, operation: edge.UpdateOperation) -> int:
        """Apply one write and return its number."""
        with self.lock:
            self.is_dirty = True
            self.shard.update(operation)
            self.operations += 1
            return self.operations

    def flush(self, *, quiet_s: float = _QUIET_S) -> None:
        """Put what was written on the disk; when nobody asked for so long, pack it without the deleted."""
        with self.lock:
            if self.is_dirty:
                self.is_dirty = False
                self.shard.flush()
            # The engine answers nobody while it packs, so it waits until nobody asks.
            is_quiet = time.monotonic() - self.used_at >= quiet_s
            if is_quiet and self.packed_at_operation != self.operations:
                self.packed_at_operation = self.operations
                if self.shard.optimize():
                    _LIBC.malloc_trim(0)  # packing needs much memory once; the allocator would keep it


class Store:
    """All collections below one directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._lock = threading.Lock()
        self._collections: dict[str, Collection] = {}
        for home in sorted(directory.iterdir()):
            if home.name.startswith((".draft-", ".dropped-")):
                shutil.rmtree(home, ignore_errors=True)
            elif (home / "parameters.json").exists():
                parameters = json.loads((home / "parameters.json").read_text())
                self._collections[parameters["name"]] = Collection(
                    edge.EdgeShard.load(str(home / "shard")), parameters
                )

    def names(self) -> list[str]:
        """Return the names of all collections."""
        return sorted(self._collections)

    def get(self, name: str) -> Collection:
        """Return a collection; raise NoSuchCollection when there is none."""
        try:
            collection = self._collections[name]
        except KeyError:
            raise NoSuchCollection(f"Not found: Collection `{name}` doesn't exist!") from None
        collection.used_at = time.monotonic()
        return collection

    def create(self, name: str, body: shapes.Value) -> None:
        """Make an empty collection; a start that is cut leaves none."""
        given = shapes.only(body, ("vectors", "sparse_vectors", *_SPEED_ONLY), what="create collection")
        dense, sparse = given.get("vectors", {}), given.get("sparse_vectors", {})
        if "size" in dense:
            raise shapes.NotImplementedHere("create collection: only named vectors are implemented.")
        config = edge.EdgeConfig(
            vectors={key: shapes.vector_params(value) for key, value in dense.items()},
            sparse_vectors={key: shapes.sparse_params(value) for key, value in sparse.items()},
            hnsw_config=edge.HnswIndexConfig(m=0, ef_construct=4, full_scan_threshold=10_000),
            optimizers=edge.EdgeOptimizersConfig(
                deleted_threshold=_VACUUM_SHARE,
                vacuum_min_vector_number=_VACUUM_LEAST,
                indexing_threshold=_PACK_FROM_KB,
                max_segment_size=_PACK_UP_TO_KB,
            ),
            wal_enabled=True,
        )
        parameters = {"name": name, "vectors": dict(dense), "sparse_vectors": dict(sparse)}
        with self._lock:
            if name in self._collections:
                raise CollectionExists(f"Wrong input: Collection `{name}` already exists!")
            suffix = f"{time.time_ns():x}"
            draft = self._directory / f".draft-{suffix}"
            (draft / "shard").mkdir(parents=True)
            edge.EdgeShard.create(str(draft / "shard"), config).close()
            (draft / "parameters.json").write_text(json.dumps(parameters))
            home = self._directory / f"collection-{suffix}"
            os.rename(draft, home)
            self._collections[name] = Collection(edge.EdgeShard.load(str(home / "shard")), parameters)

    def delete(self, name: str) -> bool:
        """Delete a collection and return whether there was one."""
        with self._lock:
            collection = self._collections.pop(name, None)
            if collection is None:
                return False
            with collection.lock:
                home = self._home(name)
                dropped = home.with_name(f".dropped-{home.name}")
                os.rename(home, dropped)
                collection.shard.close()
                shutil.rmtree(dropped, ignore_errors=True)
            return True

    def flush(self) -> None:
        """Put every collection on the disk."""
        for name in self.names():
            collection = self._collections.get(name)
            if collection is not None:
                collection.flush()

    def close(self) -> None:
        """Put everything on the disk and let go."""
        with self._lock:
            for collection in self._collections.values():
                with collection.lock:
                    collection.shard.flush()
                    collection.shard.close()
            self._collections.clear()

    def _home(self, name: str) -> Path:
        for home in self._directory.glob("collection-*"):
            if json.loads((home / "parameters.json").read_text())["name"] == name:
                return home
        raise NoSuchCollection(name)


def describe(collection: Collection) -> Mapping[str, Any]:
    """Return what GET /collections/NAME answers."""
    info = collection.shard.info()
    return {
        "status": "green",
        "optimizer_status": "ok",
        "segments_count": info.segments_count,
        "points_count": info.points_count,
        "indexed_vectors_count": info.indexed_vectors_count,
        "payload_schema": {
            key: {"data_type": str(value.data_type).rpartition(".")[2].lower(), "points": value.points}
            for key, value in info.payload_schema.items()
        },
        "config": {
            "params": {
                "vectors": collection.parameters["vectors"],
                "sparse_vectors": collection.parameters["sparse_vectors"],
                "shard_number": 1,
                "replication_factor": 1,
                "write_consistency_factor": 1,
                "on_disk_payload": True,
            },
            "hnsw_config": {
                "m": 0,
                "ef_construct": 100,
                "full_scan_threshold": 10_000,
                "max_indexing_threads": 0,
            },
            "optimizer_config": {
                "deleted_threshold": _VACUUM_SHARE,
                "vacuum_min_vector_number": _VACUUM_LEAST,
                "default_segment_number": 1,
                "indexing_threshold": _PACK_FROM_KB,
                "flush_interval_sec": 5,
            },
            "wal_config": {"wal_capacity_mb": 32, "wal_segments_ahead": 0},
        },
    }
