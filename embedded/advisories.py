"""`check`: no locked package is known to be vulnerable, by advisories that are committed here.

No machine that builds or tests reaches a registry of vulnerabilities, and a check that asks one is green or red with
the network. So the advisories on our packages lie in `advisories.json` (OSV's format, cut down to what is compared),
with the day they are of; `./preceptor lock --advisories PATH` reads them anew from a checkout of the Python Packaging
Advisory Database, or from OSV's export of PyPI as a ZIP.
"""

import datetime
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

FILE = Path(__file__).with_name("advisories.json")
OLD_AFTER = datetime.timedelta(days=90)


def problems_of_packages(pins: Mapping[str, str], *, file: Path = FILE) -> tuple[str, str]:
    """Return which locked packages are vulnerable, empty when none is known to be, and a word on how much was known."""
    told = json.loads(file.read_text())
    accepted: dict[str, Any] = told["accepted"]
    today = datetime.datetime.now(datetime.UTC).date()
    problems = []
    for advisory in told["advisories"]:
        name = canonicalize_name(advisory["package"])
        pin = {canonicalize_name(each): version for each, version in pins.items()}.get(name)
        if pin is None or not is_affected(Version(pin), advisory):
            continue
        known = accepted.get(advisory["id"])
        if known is None or datetime.date.fromisoformat(known["until"]) < today:
            names = ", ".join((advisory["id"], *advisory["aliases"]))
            problems.append(f"{name} {pin}: {names}{': no longer accepted' if known else ''}")
    as_of = datetime.date.fromisoformat(told["as_of"])
    word = f"{len(pins)} packages, {len(told['advisories'])} advisories as of {as_of}"
    if today - as_of > OLD_AFTER:
        word += " — OLD: what was found since is NOT looked for; ./preceptor lock --advisories PATH"
    return "\n".join(problems), word


def is_affected(version: Version, advisory: Mapping[str, Any]) -> bool:
    """Say whether an advisory is about this version: it is listed, or between two events of a range."""
    if any(_version(each) == version for each in advisory["versions"]):
        return True
    for events in advisory["ranges"]:
        is_in = False
        for event in sorted(events, key=_moment):
            ((what, said),) = event.items()
            at = _version(said)
            if at is None:
                continue
            if what == "introduced" and version >= at:
                is_in = True
            elif (what == "fixed" and version >= at) or (what == "last_affected" and version > at):
                is_in = False
        if is_in:
            return True
    return False


def read(source: Path, names: set[str], *, as_of: datetime.date, file: Path = FILE) -> int:
    """Write the advisories on these packages anew; return how many. What was accepted stays."""
    accepted = json.loads(file.read_text())["accepted"] if file.exists() else {}
    wanted = {canonicalize_name(name) for name in names}
    kept = []
    for told in _every(source):
        for affected in told.get("affected", ()):
            package = affected.get("package", {})
            if package.get("ecosystem") != "PyPI" or canonicalize_name(package["name"]) not in wanted:
                continue
            ranges = [each["events"] for each in affected.get("ranges", ()) if each["type"] == "ECOSYSTEM"]
            kept.append(
                {
                    "id": told["id"],
                    "aliases": sorted(told.get("aliases", ())),
                    "package": canonicalize_name(package["name"]),
                    "ranges": ranges,
                    # A range says the same in less.
                    "versions": [] if ranges else sorted(affected.get("versions", ())),
                }
            )
    kept.sort(key=lambda each: (str(each["package"]), str(each["id"])))
    lines = ",\n".join(f"  {json.dumps(each)}" for each in kept)
    head = {"as_of": as_of.isoformat(), "source": "Python Packaging Advisory Database, CC BY 4.0"}
    opening = json.dumps({**head, "accepted": accepted})[:-1]
    file.write_text(f'{opening}, "advisories": [\n{lines}\n]}}\n')
    return len(kept)


def _every(source: Path) -> Iterator[dict[str, Any]]:
    import yaml  # only where they are read anew

    if source.is_dir():
        for path in sorted(source.glob("vulns/*/*.yaml")):
            # PyYAML takes some versions for numbers unless it is told that all are texts.
            told = yaml.load(path.read_text(), Loader=yaml.BaseLoader)  # noqa: S506  # texts and no objects
            if not told.get("withdrawn"):
                yield told
        return
    with zipfile.ZipFile(source) as archive:
        for name in sorted(archive.namelist()):
            told = json.loads(archive.read(name))
            if not told.get("withdrawn"):
                yield told


def _moment(event: Mapping[str, str]) -> tuple[Version, int]:
    ((what, said),) = event.items()
    return _version(said) or Version("0"), 0 if what == "introduced" else 1


def _version(said: str) -> Version | None:
    try:
        return Version(said)
    except InvalidVersion:
        return Version(found[0]) if (found := re.match(r"\d+(?:\.\d+)*", said)) else None
