#!/usr/bin/env python3
"""Take the README's pictures of a running copy: docs/screenshots/*.png.

    ./preceptor up --detach && .venv/bin/python deploy/take_screenshots.py

Needs the development packages and Chromium, and logs in by $PRECEPTOR_DATA/demo.json. Asks one question there.
"""

from __future__ import annotations

import io
import json
import os
import shutil
from pathlib import Path
from urllib.parse import urlsplit

from PIL import Image
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "screenshots"
WIDTH, HEIGHT = 1280, 800
MOST_BYTES = 200_000
QUESTION = "¿Cuántas inasistencias puede tener un alumno antes de perder la regularidad?"
PROGRAMS = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)


def main() -> None:
    """Take them all."""
    data = Path(os.environ.get("PRECEPTOR_DATA") or ROOT / "var")
    demo = json.loads((data / "demo.json").read_text("utf-8"))
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        raise SystemExit("no Chromium on PATH: sh deploy/ci/install-packages.sh")
    TARGET.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox"] if os.geteuid() == 0 else []
        )
        context = browser.new_context(
            viewport={"width": WIDTH, "height": HEIGHT},
            color_scheme="light",
            locale="es-AR",
            reduced_motion="reduce",
        )
        page = context.new_page()
        address = urlsplit(demo["url"])
        school = f"{address.scheme}://{address.netloc}/e/{demo['school']}/"
        _log_in(page, school, demo)
        _take_all(page, school)
        browser.close()


def _log_in(page: Page, school: str, demo: dict[str, str]) -> None:
    page.goto(school)
    page.locator("[name=login]").fill(demo["email"])
    page.locator("[name=password]").fill(demo["password"])
    page.locator("main button[type=submit]").click()
    page.locator(".shell-nav").wait_for()


def _take_all(page: Page, school: str) -> None:
    page.goto(f"{school}preguntar/")
    page.locator("#question").fill(QUESTION)
    page.locator("#send").click()
    page.locator(".message-foot").wait_for()
    page.locator(".message-body a.cite").first.click()
    page.locator("#source-panel").wait_for()
    _take(page, "answer")
    viewer = page.locator("#source-panel [data-open]").get_attribute("href")
    page.goto(f"{school}biblioteca/")
    page.locator("tr.document").first.wait_for()
    _take(page, "library")
    page.goto(school)
    _take(page, "home")
    assert viewer is not None
    page.goto(viewer)
    page.locator(".leaf-mark").first.wait_for()
    page.locator(".leaf .textLayer span").first.wait_for(state="attached")
    _take(page, "viewer")


def _take(page: Page, name: str) -> None:
    """Keep a picture in 128 colours, which the eye does not miss and the repository does."""
    picture = Image.open(io.BytesIO(page.screenshot()))
    path = TARGET / f"{name}.png"
    picture.convert("RGB").quantize(128, dither=Image.Dither.NONE).save(path, optimize=True)
    size = path.stat().st_size
    print(f"{path.relative_to(ROOT)}: {size // 1000} kB")
    assert size < MOST_BYTES, f"{name} is too large for the repository"


if __name__ == "__main__":
    main()
