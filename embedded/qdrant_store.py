"""The collections of the embedded Qdrant: made, found, deleted. How one keeps its points: `qdrant_parts`.

The engine's log makes an applied write survive the death of this process; `flush`, the machine's. New points
stand in memory; the engine packs them into segments that it reads from the disk as needed: a sixth of the memory,
and a start six times as fast.
"""

import json
import os
import shutil
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import qdrant_edge as edge

from embedded import qdrant_shapes as shapes
from embedded.qdrant_parts import PACK_FROM_KB, PART_POINTS, VACUUM_SHARE, Collection, engine_config

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


class Store:
    """All collections below one directory."""

    def __init__(self, directory: Path, *, part_points: int = PART_POINTS) -> None:
        self._directory = directory
        self._part_points = part_points
        self._lock = threading.Lock()
        self._collections: dict[str, Collection] = {}
        for home in sorted(directory.iterdir()):
            if home.name.startswith((".draft-", ".dropped-")):
                shutil.rmtree(home, ignore_errors=True)
            elif (home / "parameters.json").exists():
                parameters = json.loads((home / "parameters.json").read_text())
                self._collections[parameters["name"]] = self._load(home, parameters)

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
        parameters = {
            "name": name,
            "vectors": dict(dense),
            "sparse_vectors": dict(sparse),
            "indexes": {},
            "tenant": "",
        }
        config = engine_config(parameters)
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
            self._collections[name] = self._load(home, parameters)

    def delete(self, name: str) -> bool:
        """Delete a collection and return whether there was one."""
        with self._lock:
            collection = self._collections.pop(name, None)
            if collection is None:
                return False
            dropped = collection.home.with_name(f".dropped-{collection.home.name}")
            os.rename(collection.home, dropped)
            collection.close(flush=False)
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
                collection.close()
            self._collections.clear()

    def _load(self, home: Path, parameters: dict[str, Any]) -> Collection:
        return Collection(home, parameters, part_points=self._part_points)


def describe(collection: Collection) -> Mapping[str, Any]:
    """Return what GET /collections/NAME answers."""
    infos = [part.shard.info() for part in collection.parts]
    return {
        "status": "green",
        "optimizer_status": "ok",
        "segments_count": sum(info.segments_count for info in infos),
        "points_count": sum(info.points_count for info in infos),
        "indexed_vectors_count": sum(info.indexed_vectors_count for info in infos),
        "payload_schema": {
            key: {
                "data_type": str(value.data_type).rpartition(".")[2].lower(),
                "points": sum(
                    info.payload_schema[key].points for info in infos if key in info.payload_schema
                ),
            }
            for key, value in infos[0].payload_schema.items()
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
                "deleted_threshold": VACUUM_SHARE,
                "vacuum_min_vector_number": 1_000,
                "default_segment_number": 1,
                "indexing_threshold": PACK_FROM_KB,
                "flush_interval_sec": 5,
            },
            "wal_config": {"wal_capacity_mb": 32, "wal_segments_ahead": 0},
        },
    }
