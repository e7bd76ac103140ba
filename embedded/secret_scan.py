"""`check`: no key, token or private key stands in what git tracks.

What a key looks like is detect-secrets' to know, and the makers' whose keys schools type in here stand below. Its own
way through files takes minutes: here each file is searched whole. A line that must hold something alike says so in
detect-secrets' own words: `pragma: allowlist secret`.
"""

import importlib
import pkgutil
import re
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

# They guess from entropy or from a variable's name, or take any address of the network for a secret.
_GUESSING = frozenset({"high_entropy_strings", "keyword", "ip_public", "base"})
_OF_OTHERS = ("static/vendor/",)
_MOST_BYTES = 4 * 1024 * 1024
_ALLOWED = "pragma: allowlist secret"
# What examples write in place of a password.
_EXAMPLES = frozenset({"password", "clave"})
_OURS = {
    "OpenAI key": r"\bsk-(?:proj-|svcacct-|admin-)?[A-Za-z0-9_-]{40,}",
    "Anthropic key": r"\bsk-ant-[A-Za-z0-9_-]{32,}",
    "Google key": r"\bAIza[0-9A-Za-z_-]{35}\b",
    "RunPod key": r"\brpa_[A-Za-z0-9]{32,}\b",
    "Hugging Face token": r"\bhf_[A-Za-z0-9]{34,}\b",
    "Django's SECRET_KEY": r"SECRET_KEY[\"']?\s*[:=]\s*[\"']?(?:django-insecure-)?[^\s\"'$<>{}()]{40,}",
}


def problems_of_secrets(root: Path) -> tuple[str, str]:
    """Return what was found, empty when nothing was, and a word on how much was looked at."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, check=False)
    if listed.returncode != 0:
        return "", "NOT LOOKED AT: this is no checkout of git, so nothing says what would be published"
    names = [name for name in listed.stdout.decode().split("\0") if name and not name.startswith(_OF_OTHERS)]
    return "\n".join(found_in(root, names)), f"{len(names)} files"


def found_in(root: Path, names: Iterable[str]) -> Iterator[str]:
    """Give a line for each secret in these files: where, and of what kind; never the secret."""
    kinds = list(_kinds())
    for name in names:
        path = root / name
        if not path.is_file() or path.is_symlink() or path.stat().st_size > _MOST_BYTES:
            continue
        content = path.read_bytes()
        if b"\0" in content[:8192]:
            continue
        text = content.decode("utf-8", "replace")
        for kind, pattern in kinds:
            for match in pattern.finditer(text):
                start = text.rfind("\n", 0, match.start()) + 1
                end = text.find("\n", match.end())
                line = text[start : end if end >= 0 else len(text)]
                is_example = "{" in match[0] or bool(_EXAMPLES & {match[0], *match.groups()})
                if _ALLOWED not in line and not is_example:
                    yield f"{name}:{text.count(chr(10), 0, start) + 1}: {kind}"


def _kinds() -> Iterator[tuple[str, re.Pattern[str]]]:
    import detect_secrets.plugins
    from detect_secrets.plugins.base import RegexBasedDetector

    for found in pkgutil.iter_modules(detect_secrets.plugins.__path__):
        if found.name in _GUESSING:
            continue
        module = importlib.import_module(f"detect_secrets.plugins.{found.name}")
        for each in vars(module).values():
            if (
                isinstance(each, type)
                and issubclass(each, RegexBasedDetector)
                and each.__module__ == module.__name__
            ):
                yield from ((str(each.secret_type), pattern) for pattern in each().denylist)
    for kind, pattern in _OURS.items():
        yield kind, re.compile(pattern)
