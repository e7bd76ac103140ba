"""What a page may ask of a browser: nothing from elsewhere, no script or style of its own inside."""

import hashlib
import re
from pathlib import Path

import pytest

from tests.house.tree import ROOT, ours, text

TEMPLATES = ours(".html", below=("templates",))
STATIC = ours(".html", ".css", ".js", ".mjs", ".svg", below=("templates", "static"))

# Names of languages, not addresses that are fetched.
NAMESPACES = ("http://www.w3.org/",)


@pytest.mark.parametrize("path", STATIC)
def test_a_page_names_no_address_elsewhere(path: str) -> None:
    found = re.findall(r"(?:https?:)?//[\w-]+(?:\.[\w-]+)+[^\s\"')]*", _without_comments(path))
    assert [url for url in found if not url.startswith(NAMESPACES)] == []


@pytest.mark.parametrize("path", TEMPLATES)
def test_a_template_holds_no_script_or_style_of_its_own(path: str) -> None:
    html = _without_comments(path)
    assert re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", html) == []
    assert re.findall(r"<style\b", html) == []
    tags = re.findall(r"<[a-zA-Z][^>]*>", html)
    assert [tag for tag in tags if re.search(r"\son[a-z]+\s*=", tag)] == []
    assert [tag for tag in tags if re.search(r"\sstyle\s*=", tag)] == []
    assert "javascript:" not in html.lower()
    assert [tag for tag in tags if re.search(r"hx-(on|vals=[\"']js)", tag)] == []


# Where a template trusts a text, and why.
TRUSTED = {
    # Django's own help texts (the rules for passwords are a list in HTML); ours are plain text.
    "templates/parts/field_notes.html",
}


def test_a_template_trusts_a_text_only_where_it_is_listed() -> None:
    found = {
        path
        for path in [*TEMPLATES, *ours(".txt", below=("templates",))]
        if re.search(r"\|\s*(safe|safeseq)\b|\{%\s*autoescape off", text(path))
    }
    # A mail in plain text is not HTML: nothing in it may be escaped.
    assert {path for path in found if path.endswith(".html")} == TRUSTED


@pytest.mark.parametrize("path", TEMPLATES)
def test_every_form_that_posts_carries_its_token(path: str) -> None:
    html = _without_comments(path)
    for form in re.findall(r"<form\b.*?</form>", html, re.DOTALL):
        head = form[: form.index(">")]
        if re.search(r"method=[\"']?post|hx-(post|put|patch|delete)", head, re.IGNORECASE):
            assert "csrf_token" in form, head


@pytest.mark.parametrize("path", ours(".js", below=("static",)))
def test_a_script_makes_no_page_out_of_text(path: str) -> None:
    """What a script is told goes into the page as text; HTML comes from our own templates alone."""
    code = _without_comments(path)
    assert re.findall(r"\beval\(|new Function\(|document\.write\(|\.outerHTML\s*=", code) == []
    found = re.findall(r"(?:innerHTML\s*=|insertAdjacentHTML\()[^;]*", code)
    assert path in MAKE_HTML or found == []


# The finished answer and a row of the library come from our server as rendered templates.
MAKE_HTML = {
    "static/answer.js",
    "static/ask.js",
    "static/progress.js",
    "static/upload.js",
    "static/library.js",
}


def test_vendored_files_are_those_that_their_list_names() -> None:
    rows = re.findall(
        r"^\|.*\| `([^`]+)`[^|]*\| `([0-9a-f]{64})` \|$", text("static/vendor/README.md"), re.MULTILINE
    )
    folder = ROOT / "static" / "vendor"
    assert rows
    for name, digest in rows:
        path = folder / name
        assert _digest(path) == digest, name
    # And nothing else lies there.
    named = [(folder / name).resolve() for name, _digest_ in rows]
    for path in folder.rglob("*"):
        if path.is_file() and not re.match(r"LICENSE|README", path.name):
            assert any(path == each or each in path.parents for each in named), path


def _digest(path: Path) -> str:
    if path.is_file():
        return hashlib.sha256(path.read_bytes()).hexdigest()
    digest = hashlib.sha256()
    for each in sorted(one for one in path.rglob("*") if one.is_file()):
        digest.update(each.relative_to(path).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(each.read_bytes()).digest())
    return digest.hexdigest()


def _without_comments(path: str) -> str:
    content = text(path)
    if path.endswith(".html"):
        content = re.sub(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}", "", content, flags=re.DOTALL)
    if path.endswith((".html", ".svg")):
        content = re.sub(r"<!--.*?-->", "", content, flags=re.DOTALL)
    if path.endswith((".css", ".js", ".mjs")):
        content = re.sub(r"/\*.*?\*/", "", content, flags=re.DOTALL)
    if path.endswith((".js", ".mjs")):
        content = re.sub(r"(?m)(^|\s)//.*$", "", content)
    return content
