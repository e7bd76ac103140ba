"""The points of Qdrant out into files and back, by the REST that a real server and the embedded one both serve."""

import gzip
import http.client
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

_PAGE = 256
_TIMEOUT_S = 120.0


class QdrantFailed(Exception):
    """Qdrant did not do what was asked; the message holds its own words."""


@dataclass(frozen=True, slots=True)
class Vectors:
    """The collections of one installation in one Qdrant."""

    url: str
    key: str
    prefix: str

    def names(self) -> list[str]:
        """Return the collections of this installation: others may share the server."""
        found = self._ask("GET", "/collections")["collections"]
        return sorted(one["name"] for one in found if one["name"].startswith(f"{self.prefix}_"))

    def write_out(self, name: str, folder: Path, *, each: Callable[[], None]) -> int:
        """Write a collection's shape and its points; return how many."""
        described = self._ask("GET", f"/collections/{quote(name)}")
        (folder / f"{name}.json").write_text(json.dumps(_shape(described)))
        count = 0
        with gzip.open(folder / f"{name}.jsonl.gz", "wb", compresslevel=3) as file:
            for page in self._pages(name):
                each()
                for point in page:
                    kept = {"id": point["id"], "vector": point["vector"], "payload": point["payload"]}
                    file.write(json.dumps(kept, separators=(",", ":")).encode() + b"\n")
                    count += 1
        return count

    def read_in(self, name: str, folder: Path, *, each: Callable[[], None]) -> int:
        """Make a collection as it was and fill it; return with how many points."""
        shape = json.loads((folder / f"{name}.json").read_text())
        at = f"/collections/{quote(name)}"
        self._ask("PUT", at, {"vectors": shape["vectors"], "sparse_vectors": shape["sparse_vectors"]})
        for field, schema in shape["indexes"].items():
            self._ask("PUT", f"{at}/index?wait=true", {"field_name": field, "field_schema": schema})
        count = 0
        with gzip.open(folder / f"{name}.jsonl.gz", "rb") as file:
            lines = iter(file)
            while page := [json.loads(line) for line in islice(lines, _PAGE)]:
                each()
                self._ask("PUT", f"{at}/points?wait=true", {"points": page})
                count += len(page)
        return count

    def _pages(self, name: str) -> Iterator[list[dict[str, Any]]]:
        following: Any = None
        while True:
            body = {"limit": _PAGE, "offset": following, "with_payload": True, "with_vector": True}
            answer = self._ask("POST", f"/collections/{quote(name)}/points/scroll", body)
            yield answer["points"]
            following = answer["next_page_offset"]
            if following is None:
                return

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        parts = urlsplit(self.url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.hostname or "127.0.0.1", parts.port, timeout=_TIMEOUT_S)
        headers = {"Content-Type": "application/json"} | ({"api-key": self.key} if self.key else {})
        try:
            content = json.dumps(body).encode() if body is not None else None
            connection.request(method, parts.path.rstrip("/") + path, body=content, headers=headers)
            answer = connection.getresponse()
            told = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise QdrantFailed(f"Qdrant does not answer at {parts.hostname}:{parts.port}: {error}") from error
        finally:
            connection.close()
        if answer.status != 200:
            raise QdrantFailed(f"Qdrant refused {method} {path}: {told.decode(errors='replace')[:300]}")
        return json.loads(told)["result"]


def _shape(described: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a collection is made with again."""
    params = described["config"]["params"]
    dense = params.get("vectors") or {}
    sparse = params.get("sparse_vectors") or {}
    return {
        "vectors": {name: {"size": one["size"], "distance": one["distance"]} for name, one in dense.items()},
        "sparse_vectors": {name: {"modifier": one.get("modifier") or "none"} for name, one in sparse.items()},
        "indexes": {
            name: one.get("params")
            or {"type": one["data_type"], **({"is_tenant": True} if name == "school_id" else {})}
            for name, one in described["payload_schema"].items()
        },
    }
