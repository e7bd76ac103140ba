"""Checks an evidence pack: that every file is what its manifest says, and that every quote stands in its passage.

It goes into each pack as `verificar.py` and needs Python 3.9 or newer, nothing else:

    python3 verificar.py            beside an unpacked manifest.json
    python3 verificar.py PACK.zip   on a pack as it was downloaded

It ends with 0 when all is well, with 1 and a line for each fault otherwise.
"""

from __future__ import annotations

import hashlib
import json
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

PIECE = 1 << 20


def main() -> int:
    """Check the pack that was named, or the one around this file; say what was found."""
    at = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent
    faults = list(check(Zipped(at) if at.is_file() else Folder(at)))
    told = [*faults, f"Fallas: {len(faults)}."] if faults else ["El paquete está entero y sin cambios."]
    sys.stdout.write("\n".join(told) + "\n")
    return 1 if faults else 0


class Folder:
    """An unpacked pack."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def names(self) -> set[str]:
        """Return the files it holds, by their paths with slashes."""
        found = (each for each in self.root.rglob("*") if each.is_file())
        return {each.relative_to(self.root).as_posix() for each in found}

    def open(self, name: str) -> IO[bytes]:
        """Return a file to be read."""
        return (self.root / name).open("rb")


class Zipped:
    """A pack as it was downloaded."""

    def __init__(self, path: Path) -> None:
        self.file = zipfile.ZipFile(path)

    def names(self) -> set[str]:
        """Return the files it holds."""
        return {each for each in self.file.namelist() if not each.endswith("/")}

    def open(self, name: str) -> IO[bytes]:
        """Return a file to be read."""
        return self.file.open(name)


def check(pack: Folder | Zipped) -> Iterator[str]:
    """Yield what is wrong with a pack, in words."""
    try:
        manifest = json.loads(pack.open("manifest.json").read())
    except (OSError, KeyError, ValueError):
        yield "Falta manifest.json, o no se puede leer."
        return
    listed = {each["path"]: each for each in manifest["files"]}
    found = pack.names() - {"manifest.json"}
    for path in sorted(set(listed) - found):
        yield f"{path}: falta."
    for path in sorted(found - set(listed)):
        yield f"{path}: no está en el manifiesto."
    for path in sorted(set(listed) & found):
        digest, size = hashlib.sha256(), 0
        with pack.open(path) as file:
            for piece in pieces(file):
                digest.update(piece)
                size += len(piece)
        if digest.hexdigest() != listed[path]["sha256"] or size != listed[path]["bytes"]:
            yield f"{path}: su contenido cambió."
    for source in manifest["sources"]:
        path = source.get("path")
        if path and path in listed and listed[path]["sha256"] != source["sha256"]:
            yield f"{path}: no es el archivo del que se leyó."
    yield from quotes(pack, found)


def pieces(file: IO[bytes]) -> Iterator[bytes]:
    """Yield a file piece by piece."""
    while piece := file.read(PIECE):
        yield piece


def quotes(pack: Folder | Zipped, found: set[str]) -> Iterator[str]:
    """Yield the quotes that do not stand in the passage that they were taken from."""
    if "evidencia.jsonl" not in found or "pasajes.jsonl" not in found:
        return
    with pack.open("pasajes.jsonl") as file:
        passages = {}
        for line in file:
            each = json.loads(line)
            passages[each["id"]] = each["text"]
    with pack.open("evidencia.jsonl") as file:
        for line in file:
            each = json.loads(line)
            text = passages.get(each.get("passage"))
            if text is not None and " ".join(each["quote"].split()) not in " ".join(text.split()):
                yield "{}: la cita «{}» no está en su pasaje.".format(each["of"], each["quote"][:80])


if __name__ == "__main__":
    sys.exit(main())
