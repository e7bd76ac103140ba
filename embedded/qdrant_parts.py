"""A collection of the embedded Qdrant in parts, one engine shard each, so that a search costs what its part costs.

The engine's lists of words hold every tenant's points: ten times the schools, ten times the work of each search. So a
tenant that is new when the newest part is full begins another one, and all of its points stay together. Whoever
searches must then name the tenant; a collection that is small, or has no tenant index, is one part and does not ask.
"""

from __future__ import annotations  # the engine's type aliases exist in its stubs only

import ctypes
import json
import os
import shutil
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import qdrant_edge as edge

from embedded import qdrant_shapes as shapes

PART_POINTS = 20_000  # from here on a new tenant begins a new part
_PACK_FROM_POINTS = 5_000  # packing so many takes half a second, in which the process answers nobody
QUIET_S = 60.0
_MOST_TENANTS = 1_000_000
_LIBC = ctypes.CDLL(None)


@dataclass(slots=True)
class Part:
    """One shard with the lock of its writers."""

    shard: edge.EdgeShard
    lock: threading.Lock = field(default_factory=threading.Lock)
    operations: int = 0
    is_dirty: bool = False
    unpacked: int = 0  # points written since it was packed; after a start nobody knows
    packed_at_operation: int = -1  # so it looks once

    def update(self, operation: edge.UpdateOperation, *, points: int = 0) -> None:
        """Apply one write."""
        with self.lock:
            self.is_dirty = True
            self.operations += 1
            self.unpacked += points
            self.shard.update(operation)

    def flush(self, *, is_quiet: bool) -> None:
        """Put what was written on the disk; pack it, without the deleted, in a quiet moment or when it is much."""
        with self.lock:
            if self.is_dirty:
                self.is_dirty = False
                self.shard.flush()
            # The engine answers nobody while it packs: much at once would be a stop that people feel.
            may_pack = is_quiet or self.unpacked >= _PACK_FROM_POINTS
            if may_pack and self.packed_at_operation != self.operations:
                self.packed_at_operation, self.unpacked = self.operations, 0
                if self.shard.optimize():
                    self.shard.flush()  # until then it keeps what it packed in memory too
                    _LIBC.malloc_trim(0)  # packing needs much memory once; the allocator would keep it

    def tenants(self, key: str) -> Iterator[str]:
        """Yield the tenants that have points here."""
        for hit in self.shard.facet(edge.FacetRequest(key, limit=_MOST_TENANTS, exact=True)).hits:
            yield str(hit.value)


class Collection:
    """The parts of one collection and whose points stand where."""

    def __init__(self, home: Path, parameters: dict[str, Any], *, part_points: int = PART_POINTS) -> None:
        self.parameters = parameters
        self.used_at = time.monotonic()
        self._home = home
        self._part_points = part_points
        self._lock = threading.Lock()
        self._operations = 0
        for draft in home.glob(".draft-*"):
            shutil.rmtree(draft, ignore_errors=True)
        places = sorted(home.glob("shard*"), key=lambda place: int(place.name.partition("-")[2] or 0))
        self.parts = [Part(edge.EdgeShard.load(str(place))) for place in places]
        self._tenants = {
            name: part for part in self.parts for name in (part.tenants(self._key) if self._key else ())
        }

    def points(self) -> int:
        """Return how many points there are."""
        return sum(part.shard.info().points_count for part in self.parts)

    def create_index(self, name: str, schema: shapes.Value) -> int:
        """Index a field of the payload in every part that is or will be; return the number of the write.

        The first that says `is_tenant` is what points are kept together by.
        """
        made = shapes.field_schema(schema)
        with self._lock:
            for part in self.parts:
                part.update(edge.UpdateOperation.create_field_index(name, made))
            indexes = self.parameters.get("indexes")
            if indexes is not None:  # one of an earlier version stays one part
                indexes[name] = schema
                if isinstance(schema, dict) and schema.get("is_tenant") and not self._key:
                    self.parameters["tenant"] = name
                    self._tenants = {each: part for part in self.parts for each in part.tenants(name)}
                _keep(self._home, self.parameters)
        return self.number_of_write()

    def delete_index(self, name: str) -> int:
        """Forget the index of a field; return the number of the write."""
        with self._lock:
            if name == self._key and len(self.parts) > 1:
                raise shapes.NotImplementedHere(f"index: the points are kept apart by {name}.")
            for part in self.parts:
                part.update(edge.UpdateOperation.delete_field_index(name))
            self.parameters.get("indexes", {}).pop(name, None)
            if name == self._key:
                self.parameters["tenant"], self._tenants = "", {}
            _keep(self._home, self.parameters)
        return self.number_of_write()

    def upsert(self, rows: Sequence[Mapping[str, Any]], condition: edge.Filter | None) -> int:
        """Write points, each into its tenant's part; return the number of the write. A point's tenant never changes."""
        points = [shapes.point(row) for row in rows]
        self._require_vectors(rows)
        sorted_out: dict[int, tuple[Part, list[edge.Point]]] = {}
        for row, point in zip(rows, points, strict=True):
            part = self._place((row.get("payload") or {}).get(self._key) if self._key else None)
            sorted_out.setdefault(id(part), (part, []))[1].append(point)
        for part, some in sorted_out.values():
            part.update(edge.UpdateOperation.upsert_points(some, condition), points=len(some))
        return self.number_of_write()

    def update(self, parts: Iterable[Part], operation: edge.UpdateOperation) -> int:
        """Apply one write to some parts and return its number."""
        for part in parts:
            part.update(operation)
        return self.number_of_write()

    def of(self, wanted: shapes.Value) -> list[Part]:
        """Return the parts in which points that pass a filter can stand: one, where it names the tenant."""
        if len(self.parts) == 1:
            return self.parts
        tenant = _tenant_of(wanted, self._key)
        return self.parts if tenant is None else [self._tenants.get(tenant, self.parts[0])]

    def one_of(self, search: shapes.Json) -> Part:
        """Return the part that answers a search; refuse one that would have to ask several."""
        if len(self.parts) == 1:
            return self.parts[0]
        inner = search.get("prefetch") or []
        inner = inner if isinstance(inner, list) else [inner]
        filters = [search["filter"]] if search.get("filter") else [each.get("filter") for each in inner]
        named = {_tenant_of(each, self._key) for each in filters}
        tenant = named.pop() if len(named) == 1 else None
        idf = (search.get("params") or {}).get("idf")
        corpus = _tenant_of(idf.get("corpus"), self._key) if isinstance(idf, dict) else None
        is_dense = search.get("using") in self.parameters["vectors"] or bool(inner)
        if tenant is None or (corpus != tenant and not is_dense):
            raise shapes.NotImplementedHere(
                f"query: a large collection is searched for one {self._key}, and its words weighed over that."
            )
        return self._tenants.get(tenant, self.parts[0])

    def holding(self, ids: Sequence[edge.PointId]) -> list[tuple[Part, list[edge.PointId]]]:
        """Return the parts in which any of the points stand, each with those."""
        if len(self.parts) == 1:
            return [(self.parts[0], list(ids))]
        found = [
            (
                part,
                [each.id for each in part.shard.retrieve(list(ids), with_payload=False, with_vector=False)],
            )
            for part in self.parts
        ]
        return [(part, there) for part, there in found if there]

    def require_payload(self, payload: shapes.Value) -> None:
        """Refuse a payload that would take points to another tenant."""
        if self._key and isinstance(payload, dict) and self._key in payload:
            raise shapes.NotImplementedHere(f"set payload: the {self._key} of a point does not change.")

    def flush(self, *, quiet_s: float = QUIET_S) -> None:
        """Put what was written on the disk, part by part."""
        for part in self.parts:
            part.flush(is_quiet=time.monotonic() - self.used_at >= quiet_s)

    def close(self, *, flush: bool = True) -> None:
        """Let go of every part."""
        for part in self.parts:
            with part.lock:
                if flush:
                    part.shard.flush()
                part.shard.close()

    @property
    def home(self) -> Path:
        """Return where it lies."""
        return self._home

    @property
    def _key(self) -> str:
        return str(self.parameters.get("tenant", ""))

    def _place(self, tenant: object) -> Part:
        """Return the part for a point of a tenant; a new tenant's is the newest, or another if that is full."""
        if not isinstance(tenant, str):
            return self.parts[0]
        with self._lock:
            if tenant not in self._tenants:
                if self.parts[-1].shard.info().points_count >= self._part_points:
                    self._add_part()
                self._tenants[tenant] = self.parts[-1]
            return self._tenants[tenant]

    def _add_part(self) -> None:
        """Make a part; a start that is cut leaves none."""
        number = len(self.parts)
        draft = self._home / f".draft-{number}"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir()
        edge.EdgeShard.create(str(draft), engine_config(self.parameters)).close()
        place = self._home / f"shard-{number}"
        os.rename(draft, place)
        part = Part(edge.EdgeShard.load(str(place)))
        for name, schema in self.parameters["indexes"].items():
            part.update(edge.UpdateOperation.create_field_index(name, shapes.field_schema(schema)))
        part.shard.flush()
        self.parts = [*self.parts, part]  # another list: somebody may be going through the old one

    def number_of_write(self) -> int:
        """Return the number of a write that was applied."""
        with self._lock:
            self._operations += 1
            return self._operations

    def _require_vectors(self, points: Sequence[Mapping[str, Any]]) -> None:
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


VACUUM_SHARE = 0.3
PACK_FROM_KB = 10_000
_VACUUM_LEAST = 1_000
_SEGMENT_UP_TO_KB = 20_000


def engine_config(parameters: Mapping[str, Any]) -> edge.EdgeConfig:
    """Return how a part keeps its points.

    A graph over dense vectors is never built: building one would stop the process for minutes, and scanning one
    school is quick.
    """
    return edge.EdgeConfig(
        vectors={key: shapes.vector_params(value) for key, value in parameters["vectors"].items()},
        sparse_vectors={
            key: shapes.sparse_params(value) for key, value in parameters["sparse_vectors"].items()
        },
        hnsw_config=edge.HnswIndexConfig(m=0, ef_construct=4, full_scan_threshold=10_000),
        optimizers=edge.EdgeOptimizersConfig(
            deleted_threshold=VACUUM_SHARE,
            vacuum_min_vector_number=_VACUUM_LEAST,
            indexing_threshold=PACK_FROM_KB,
            max_segment_size=_SEGMENT_UP_TO_KB,
        ),
        wal_enabled=True,
    )


def _keep(home: Path, parameters: Mapping[str, Any]) -> None:
    draft = home / "parameters.draft"
    draft.write_text(json.dumps(parameters))
    os.replace(draft, home / "parameters.json")


def _tenant_of(wanted: shapes.Value, key: str) -> str | None:
    """Return the tenant that a filter's points must be of; None where it names none, or several."""
    must = wanted.get("must") if isinstance(wanted, dict) else None
    for each in must if isinstance(must, list) else [must]:
        if isinstance(each, dict) and each.get("key") == key:
            value = (each.get("match") or {}).get("value")
            if isinstance(value, str):
                return value
        elif isinstance(each, dict) and (inner := _tenant_of(each, key)) is not None:
            return inner
    return None
