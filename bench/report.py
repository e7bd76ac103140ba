"""Write down what a measurement found: bench/results/NAME.json, with machine, date, commit and figures."""

import argparse
import json
import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.questions import BESIDE

ROOT = Path(__file__).resolve().parents[1]


def write(name: str, figures: dict[str, Any]) -> Path:
    """Write the file, print the figures, and return its path."""
    path = ROOT / "bench" / "results" / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    content = {
        "machine": {
            "system": platform.system(),
            "processor": _processor(),
            "cores": os.cpu_count(),
            "python": platform.python_version(),
        },
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "figures": figures,
    }
    text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    path.write_text(text, "utf-8")
    print(text)
    return path


def data_folder(about: str | None) -> Path:
    """Return the data folder of the command line, else the one beside the project; end when it is missing."""
    options = argparse.ArgumentParser(description=about)
    options.add_argument("--data", type=Path, default=BESIDE, help="folder with questions/ and documents/")
    folder: Path = options.parse_args().data
    if not (folder / "questions").is_dir():
        options.exit(3, f"No hay datos en {folder}: indicar la carpeta con --data.\n")
    return folder


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")


def _commit() -> str:
    """Return the commit measured, with "+" when the tree differs from it; empty outside a repository."""
    found = subprocess.run(
        ("git", "describe", "--always", "--abbrev=12", "--dirty=+"),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return found.stdout.strip()
