#!/usr/bin/env python3
"""Make static/vendor/ and static/icons.svg again from npm, by name and version.

The browser of a school must never ask another machine for anything, so what the pages need stands in this repository.
Run after raising a version below, then look at the pages. It needs `npm` and nothing else. With `--check` it changes
nothing and only compares the hashes that static/vendor/README.md states with the files on disk.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

STATIC = Path(__file__).resolve().parent.parent / "static"
VENDOR = STATIC / "vendor"


@dataclass(frozen=True, slots=True)
class Package:
    """One npm package and the files of it that we serve: path or folder/ inside it → the same inside `folder`."""

    folder: str
    name: str
    version: str
    licence: str
    files: tuple[tuple[str, str], ...]
    note: str


PACKAGES = (
    Package(
        "tabler",
        "@tabler/core",
        "1.6.1",
        "MIT",
        # The style sheet only: menus are <details> and dialogs <dialog>, so the pages need none of its script.
        (("dist/css/tabler.min.css", "tabler.min.css"),),
        "components and layout (with Bootstrap 5.3), style sheet only",
    ),
    Package(
        "htmx",
        "htmx.org",
        "2.0.11",
        "0BSD",
        (("dist/htmx.min.js", "htmx.min.js"), ("LICENSE", "LICENSE")),
        "pieces of pages swapped without a reload",
    ),
    Package(
        "inter",
        "@fontsource-variable/inter",
        "5.3.0",
        "OFL-1.1",
        (
            ("files/inter-latin-wght-normal.woff2", "inter-latin.woff2"),
            ("files/inter-latin-wght-italic.woff2", "inter-latin-italic.woff2"),
            ("LICENSE", "LICENSE"),
        ),
        "the typeface; Latin letters, every weight",
    ),
    Package(
        "pdfjs",
        "pdfjs-dist",
        "5.7.284",
        "Apache-2.0",
        (
            ("legacy/build/pdf.min.mjs", "pdf.min.mjs"),
            ("legacy/build/pdf.worker.min.mjs", "pdf.worker.min.mjs"),
            ("cmaps/", "cmaps/"),
            ("standard_fonts/", "standard_fonts/"),
            # Only the decoders in plain JavaScript: WebAssembly would need 'wasm-unsafe-eval' in the page's policy.
            ("wasm/openjpeg_nowasm_fallback.js", "decoders/openjpeg_nowasm_fallback.js"),
            ("wasm/jbig2_nowasm_fallback.js", "decoders/jbig2_nowasm_fallback.js"),
            ("wasm/LICENSE_OPENJPEG", "decoders/LICENSE_OPENJPEG"),
            ("wasm/LICENSE_JBIG2", "decoders/LICENSE_JBIG2"),
            ("LICENSE", "LICENSE"),
        ),
        "PDF in the browser; the `legacy` build, which also runs in browsers of some years ago",
    ),
)

ICONS = Package("", "@tabler/icons", "3.51.0", "MIT", (), "the outlines in static/icons.svg")

# Tabler's npm package of the components carries no licence file; this is the text of its repository.
TABLER_LICENCE = """MIT License

Copyright (c) 2018-2026 The Tabler Authors

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction,
including without limitation the rights to use, copy, modify, merge, publish, distribute,
sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial
portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT
NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES
OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN
CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.
"""

ICON_NAMES = (
    "adjustments", "alert-circle", "alert-triangle", "arrow-back-up", "arrow-down", "arrow-forward-up",
    "arrow-left", "arrow-up", "arrows-join", "ban", "books", "bulb", "calendar", "certificate",
    "chart-bar", "check", "checklist", "chevron-down", "chevron-left", "chevron-right", "chevron-up",
    "circle-check", "clock", "copy", "cut", "device-floppy", "dots-vertical", "download",
    "external-link", "eye", "file-spreadsheet", "file-text", "file-type-csv", "file-type-doc",
    "file-type-html", "file-type-pdf", "file-type-txt", "file-zip", "files", "filter", "folder",
    "folder-plus", "grip-vertical", "history", "home", "info-circle", "key", "keyboard", "list-check",
    "loader-2", "lock", "logout", "mail", "map-pin", "message-circle", "messages", "microphone",
    "minus", "moon", "pencil", "player-pause", "player-play", "player-record", "player-skip-back",
    "player-skip-forward", "player-stop", "plus", "quote", "refresh", "report", "school", "search",
    "send", "settings", "shield-check", "sort-ascending", "sort-descending", "sun", "switch-horizontal",
    "table", "template", "thumb-down", "thumb-up", "trash", "upload", "user", "user-plus", "users",
    "video", "volume", "wave-sine", "x",
)  # fmt: skip


def download(package: Package, *, into: Path) -> tarfile.TarFile:
    """Return the opened archive of one package, as npm gives it."""
    made = subprocess.run(
        ["npm", "pack", "--silent", f"{package.name}@{package.version}"],
        cwd=into,
        check=True,
        capture_output=True,
        text=True,
    )
    return tarfile.open(into / made.stdout.strip().splitlines()[-1])


def read(archive: tarfile.TarFile, path: str) -> bytes:
    """Return one file of the package."""
    member = archive.extractfile(f"package/{path}")
    if member is None:
        raise FileNotFoundError(path)
    return member.read()


def write(path: Path, content: bytes) -> None:
    """Write a file, without the pointer to a source map that we do not serve."""
    if path.suffix in {".css", ".js", ".mjs"}:
        content = re.sub(rb"\n?(//# |/\*# )sourceMappingURL=\S+( \*/)?\s*$", b"\n", content)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def unpack(package: Package, archive: tarfile.TarFile) -> None:
    """Write the chosen files of one package below static/vendor/<folder>."""
    target = VENDOR / package.folder
    for source, destination in package.files:
        if not source.endswith("/"):
            write(target / destination, read(archive, source))
            continue
        prefix = f"package/{source}"
        for member in archive.getmembers():
            if member.isfile() and member.name.startswith(prefix):
                write(
                    target / destination / member.name[len(prefix) :],
                    read(archive, member.name[len("package/") :]),
                )


def draw_sprite(archive: tarfile.TarFile) -> str:
    """Return one SVG that holds each icon as a <symbol>, named i-<name>."""
    symbols = []
    for name in ICON_NAMES:
        svg = read(archive, f"icons/outline/{name}.svg").decode()
        body = svg[svg.index(">", svg.index("<svg")) + 1 : svg.rindex("</svg>")]
        body = re.sub(
            r"\s+", " ", body.replace('<path stroke="none" d="M0 0h24v24H0z" fill="none"/>', "")
        ).strip()
        symbols.append(f'<symbol id="i-{name}" viewBox="0 0 24 24">{body}</symbol>')
    head = f"<!-- Tabler Icons {ICONS.version}, MIT, (c) Paweł Kuna. Made by deploy/vendor_assets.py. -->"
    return "\n".join(('<svg xmlns="http://www.w3.org/2000/svg">', head, *symbols, "</svg>", ""))


def hash_folder(folder: Path) -> str:
    """Return one SHA-256 over the names and contents of a folder's files, in order of name."""
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def describe() -> str:
    """Return the README of static/vendor/: what lies there, whose it is, and its hash."""
    lines = [
        "# Other people's work that the pages use",
        "",
        "Made by `deploy/vendor_assets.py` from npm; do not edit by hand (`--check` compares). The hash of a",
        "folder is the SHA-256 over the sorted relative paths, each followed by a zero byte and the SHA-256",
        "of its file.",
        "",
        "| name | version | licence | what for | files | sha256 |",
        "|---|---|---|---|---|---|",
    ]
    for package in PACKAGES:
        target = VENDOR / package.folder
        destinations = [d for _, d in package.files if "LICENSE" not in d]
        for destination in destinations:
            path = target / destination
            digest = hash_folder(path) if path.is_dir() else hashlib.sha256(path.read_bytes()).hexdigest()
            lines.append(
                f"| {package.name} | {package.version} | {package.licence} | {package.note} "
                f"| `{package.folder}/{destination}` | `{digest}` |"
            )
    digest = hashlib.sha256((STATIC / "icons.svg").read_bytes()).hexdigest()
    lines.append(
        f"| {ICONS.name} | {ICONS.version} | {ICONS.licence} | {ICONS.note} | `../icons.svg` "
        f"({len(ICON_NAMES)} icons) | `{digest}` |"
    )
    return "\n".join(lines) + "\n"


def rebuild() -> None:
    """Fetch every package and write its files, the sprite and the README."""
    with tempfile.TemporaryDirectory() as folder:
        for package in PACKAGES:
            with download(package, into=Path(folder)) as archive:
                unpack(package, archive)
        with download(ICONS, into=Path(folder)) as archive:
            (STATIC / "icons.svg").write_text(draw_sprite(archive), encoding="utf-8")
    write(VENDOR / "tabler" / "LICENSE", TABLER_LICENCE.encode())
    (VENDOR / "README.md").write_text(describe(), encoding="utf-8")


def main() -> int:
    if "--check" not in sys.argv[1:]:
        rebuild()
        return 0
    if (VENDOR / "README.md").read_text(encoding="utf-8") == describe():
        return 0
    print("static/vendor/ is not what its README.md says: run deploy/vendor_assets.py", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
