"""What `./preceptor check` finds in the packages and in what is tracked."""

import datetime
import json
import subprocess
from pathlib import Path

import pytest
from packaging.version import Version

from embedded import advisories, secret_scan

# Put together here, so that no scan of this very file finds one.
PLANTED = {
    "OpenAI key": "sk-proj-" + "aB3dE6gH9j" * 5,
    "OpenAI Token": "sk-" + "a1B2c3D4e5f6G7h8i9J0" + "T3Blbk" + "FJ" + "a1B2c3D4e5f6G7h8i9J0",
    "RunPod key": "rpa_" + "A1B2C3D4E5" * 4,
    "Anthropic key": "sk-ant-" + "api03-" + "aB3dE6gH9j" * 4,
    "AWS Access Key": "AKIA" + "IOSFODNN7ABCDEFG",
    "Private Key": "-----BEGIN " + "RSA PRIVATE KEY-----",
    "Django's SECRET_KEY": "SECRET_" + "KEY = 'django-insecure-" + "a#1b" * 12 + "'",
    "GitHub Token": "ghp_" + "aB3dE6gH9j" * 3 + "aB3dE6",
    "Hugging Face token": "hf_" + "aB3dE6gH9j" * 3 + "aB3d",
}


@pytest.mark.parametrize("kind", PLANTED)
def test_a_key_that_is_tracked_is_found(tmp_path: Path, kind: str) -> None:
    """Red when a detector is left out. What git does not track is nobody's business."""
    (tmp_path / "dentro").mkdir()
    (tmp_path / "dentro" / "ajustes.py").write_text(f"# ajustes\nx = 1\n{PLANTED[kind]}\n")
    (tmp_path / "otro.env").write_text(PLANTED[kind])
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", "dentro"], cwd=tmp_path, check=True)
    found, word = secret_scan.problems_of_secrets(tmp_path)
    assert f"dentro/ajustes.py:3: {kind}" in found.splitlines()
    assert PLANTED[kind] not in found
    assert "otro.env" not in found
    assert word == "1 files"


def test_a_line_may_say_that_it_is_no_secret(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text(f'KEY = "{PLANTED["RunPod key"]}"  # pragma: allowlist secret\n')
    assert list(secret_scan.found_in(tmp_path, ["a.py"])) == []


def test_outside_of_git_it_says_that_it_did_not_look(tmp_path: Path) -> None:
    assert secret_scan.problems_of_secrets(tmp_path)[1].startswith("NOT LOOKED AT")


ADVISORY = {
    "id": "PYSEC-2024-1",
    "aliases": ["CVE-2024-1"],
    "package": "django",
    "ranges": [
        [{"introduced": "5.0"}, {"fixed": "5.0.8"}, {"introduced": "0"}, {"fixed": "4.2.15"}],
        [{"introduced": "5.2"}, {"last_affected": "5.2.3"}],
    ],
    "versions": ["6.0rc1"],
}


@pytest.mark.parametrize(
    ("version", "affected"),
    [
        ("4.2.14", True),
        ("4.2.15", False),
        ("5.0", True),
        ("5.0.8", False),
        ("5.2.3", True),
        ("5.2.4", False),
        ("6.0rc1", True),
        ("6.0", False),
    ],
)
def test_a_version_lies_in_a_range_or_not(version: str, affected: bool) -> None:
    assert advisories.is_affected(Version(version), ADVISORY) is affected


def test_a_vulnerable_package_fails_the_check_until_somebody_answers_for_it(tmp_path: Path) -> None:
    """Red when names are compared as they are written, or when what was accepted is so for ever."""
    today = datetime.datetime.now(datetime.UTC).date()
    file = tmp_path / "advisories.json"

    def told(*, accepted: dict[str, object], as_of: datetime.date = today) -> tuple[str, str]:
        content = {"as_of": as_of.isoformat(), "accepted": accepted, "advisories": [ADVISORY]}
        file.write_text(json.dumps(content))
        return advisories.problems_of_packages({"Django": "5.0.1", "numpy": "2.0"}, file=file)

    assert told(accepted={}) == (
        "django 5.0.1: PYSEC-2024-1, CVE-2024-1",
        f"2 packages, 1 advisories as of {today}",
    )
    until = {"until": str(today + datetime.timedelta(days=3)), "why": "no se usa"}
    assert told(accepted={"PYSEC-2024-1": until})[0] == ""
    past = {**until, "until": str(today - datetime.timedelta(days=1))}
    assert "no longer accepted" in told(accepted={"PYSEC-2024-1": past})[0]
    assert "OLD" in told(accepted={}, as_of=today - datetime.timedelta(days=91))[1]


def test_advisories_are_read_from_a_checkout_and_from_a_zip(tmp_path: Path) -> None:
    """Red when a version that looks like a number loses its last zero ("5.10")."""
    folder = tmp_path / "db" / "vulns" / "django"
    folder.mkdir(parents=True)
    (folder / "PYSEC-2024-1.yaml").write_text(
        "id: PYSEC-2024-1\naffected:\n- package: {ecosystem: PyPI, name: Django}\n  ranges:\n"
        '  - type: ECOSYSTEM\n    events:\n    - introduced: "0"\n    - fixed: 5.10\n'
    )
    (folder / "PYSEC-2024-2.yaml").write_text(
        "id: PYSEC-2024-2\nwithdrawn: 2024-01-01\naffected:\n- package: {ecosystem: PyPI, name: django}\n"
        "  versions: [5.9]\n"
    )
    file = tmp_path / "a.json"
    day = datetime.date(2026, 3, 1)
    assert advisories.read(tmp_path / "db", {"django"}, as_of=day, file=file) == 1
    assert advisories.problems_of_packages({"django": "5.9"}, file=file)[0] == "django 5.9: PYSEC-2024-1"
    assert advisories.problems_of_packages({"django": "5.10"}, file=file)[0] == ""
