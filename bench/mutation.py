"""Read files damaged by chance: ./preceptor bench mutation [--seed N] [--minutes N] [--kind K] [--keep FOLDER].

Good files of every kind that is taken are damaged in many ways and read as uploads are: documents through the sandbox
(old Word through LibreOffice before), sound through the decoder, a school's own forms through what recognises them.
Whatever happens to the child, this process goes on; what it may raise is a refusal that is told, and nothing else.
What shows a fault of our own is written into FOLDER, to become a test (tests/documents/crashes).
"""

import argparse
import os
import random
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path
from typing import Any

import django

NEEDS_SERVICES = True  # for Django's settings alone: a school's own forms are recognised by an app
SLOW_S = 20.0
WALL_S = 120
SOFFICE_EVERY = 40  # it takes seconds: one such file among so many others


def measure(*, seed: int, minutes: float, only: str, keep: Path | None) -> dict[str, Any]:
    """Return what became of the damaged files, by kind and outcome, and which took longest."""
    from bench import mutation_set

    rng = random.Random(seed)
    outcomes: dict[str, Counter[str]] = {}
    took: list[tuple[float, str]] = []
    faults: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        good = [each for each in mutation_set.every(folder) if only in each.name]
        whole = {each.name: outcome(each.kind, each.name, each.content, folder)[0] for each in good}
        # A picture's words are the recognition's, later.
        if unread := [name for name, said in whole.items() if not said.startswith(("read", "no_text"))]:
            raise SystemExit(f"Unread before any damage: {[(name, whole[name]) for name in unread]}")
        quick, slow = [one for one in good if not one.is_slow], [one for one in good if one.is_slow]
        until = time.monotonic() + 60 * minutes
        turn = 0
        while time.monotonic() < until:
            turn += 1
            pool = slow if slow and (turn % SOFFICE_EVERY == 0 or not quick) else quick
            each = pool[turn % len(pool)]
            way = each.ways[turn // len(pool) % len(each.ways)]
            spoilt = way(each.content, rng)
            began_at = time.monotonic()
            said, detail = outcome(each.kind, each.name, spoilt, folder)
            took.append((time.monotonic() - began_at, f"{each.name}, {way.__name__}"))
            outcomes.setdefault(each.name.rpartition(".")[2], Counter())[said] += 1
            if detail:
                faults.append(f"{each.name}, {way.__name__}: {detail.strip().splitlines()[-1][:200]}")
                if keep is not None:
                    keep.mkdir(parents=True, exist_ok=True)
                    (keep / f"{seed}-{turn}-{each.name}").write_bytes(spoilt)
                    (keep / f"{seed}-{turn}-{each.name}.log").write_text(f"{way.__name__}\n{detail}")
        for each in quick:
            if outcome(each.kind, each.name, each.content, folder)[0] != whole[each.name]:
                raise SystemExit(f"{each.name} is not read as before the damaged ones.")
    left = Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
    if left:
        raise SystemExit(f"Processes were left: {left}")
    took.sort(reverse=True)
    return {
        "seed": seed,
        "minutes": minutes,
        "files": len(took),
        "outcomes": {name: dict(found.most_common()) for name, found in sorted(outcomes.items())},
        "faults of our own": sorted(faults),
        "seconds, median": round(took[len(took) // 2][0], 3),
        "slowest": [f"{seconds:.2f} s: {what}" for seconds, what in took[:5]],
        f"over {SLOW_S:.0f} s": sum(seconds > SLOW_S for seconds, _ in took),
    }


def outcome(kind: Any, name: str, content: bytes, folder: Path) -> tuple[str, str]:
    """Return what became of a file, in a word, and the traceback where it is a fault of ours."""
    from documents.parsers import base
    from planillas.own_files.recognised import NotFillable

    try:
        return _read(kind, name, content, folder), ""
    except NotFillable as refusal:
        return refusal.code, ""
    except base.Unparsable as failure:
        notes = "\n".join(getattr(failure, "__notes__", ()))
        # An exception of our own code, told by the child: held, and to be mended all the same.
        return (f"{failure.code}, by an exception", notes) if "Traceback" in notes else (failure.code, "")
    except Exception:  # whatever it is: that it reached us is the fault that is looked for
        return "AN EXCEPTION IN THE PARENT", traceback.format_exc()


def _read(kind: Any, name: str, content: bytes, folder: Path) -> str:
    from documents.parsers import RECORDED, prepare, sandbox
    from planillas import own_files
    from transcription import decoding

    if kind is None:
        own_files.recognise(content, name)
        return "read"
    with tempfile.TemporaryDirectory(dir=folder) as inner:
        path = Path(inner) / f"damaged.{name.rpartition('.')[2]}"
        path.write_bytes(content)
        if kind in RECORDED:
            with path.open("rb") as source:
                heard = decoding.decode(source, size_bytes=len(content), take=lambda _: None)
            return "read, with gaps" if heard.missing else "read"
        ready, kind = prepare(path, kind, Path(inner))
        document = sandbox.parse(ready, kind, limits=sandbox.Limits(wall_s=WALL_S))
    codes = sorted({part.code for part in document.unreadable})
    return " and ".join((["read"] if document.blocks else []) + codes) or "read, without text"


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seed", type=int, default=4)
    options.add_argument("--minutes", type=float, default=10.0)
    options.add_argument("--kind", default="", help="only files with this in their name")
    options.add_argument("--keep", type=Path, help="where files go that show a fault of our own")
    given = options.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from bench import report

    report.write(
        "mutation", measure(seed=given.seed, minutes=given.minutes, only=given.kind, keep=given.keep)
    )
