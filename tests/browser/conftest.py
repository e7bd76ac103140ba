"""A running copy, its cast, and browsers at the two widths that every journey holds at."""

import os
import shutil
from collections.abc import Callable, Iterator
from zlib import crc32

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect, sync_playwright

from tests.browser import cast, live
from tests.browser.cast import Cast
from tests.browser.watch import Watch

# The one without windows first: the others draw theirs, which nobody sees, for every page that opens.
PROGRAMS = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
WIDTHS = {1280: 900, 390: 844}
PATIENCE_MS = 30_000
# What a browser sends home by itself is no concern of the page's, and there is nowhere to send it.
QUIET = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--no-first-run",
    "--disable-gpu",  # there is none: without this one it is played by the processor, for every frame
)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark the journeys, and keep them in one process: they share one running copy."""
    item.add_marker(pytest.mark.browser)
    item.add_marker(pytest.mark.xdist_group("browser"))
    if not isinstance(item, pytest.Function) or item.get_closest_marker("each_width"):
        return
    width = item.callspec.params.get("width") if hasattr(item, "callspec") else None
    if width is not None and width != _always(item):
        item.add_marker(pytest.mark.long)


def _always(item: pytest.Function) -> int:
    """Return the width at which a journey always runs: half of them on the desk, half on a phone."""
    if any(mark.args[:2] == ("width", [390]) for mark in item.iter_markers("parametrize")):
        return 390
    name = getattr(item, "originalname", item.name)
    return sorted(WIDTHS)[crc32(name.encode()) % 2]


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Return the system's Chromium; without one skip, but never in CI."""
    if found := next(filter(None, map(shutil.which, PROGRAMS)), None):
        return found
    reason = "no Chromium on PATH: sh deploy/ci/install-packages.sh (or apt-get install chromium)"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="package")
def norte(chromium_path: str, django_db_setup: None) -> Iterator[Cast]:
    """Run a copy with the cast in it until the last journey has ended; it must have had nothing to complain of."""
    with live.copy() as running:
        yield cast.assemble(running)
        complaints = running.complaints()
    assert not complaints, complaints


@pytest.fixture(scope="package")
def browser(chromium_path: str) -> Iterator[Browser]:
    """Run Chromium for the journeys: a running Playwright holds the thread's event loop, which other tests need."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(
            executable_path=chromium_path,
            # As root, in a container, Chromium cannot make its sandbox.
            args=[*QUIET, *(["--no-sandbox"] if os.geteuid() == 0 else [])],
        )
        yield opened
        opened.close()


@pytest.fixture(params=WIDTHS, ids=lambda width: f"{width}px")
def width(request: pytest.FixtureRequest) -> int:
    """Return a width of the window: a desk's, then a phone's."""
    return int(request.param)


@pytest.fixture
def arrive(norte: Cast, browser: Browser, width: int) -> Iterator[Callable[..., tuple[Page, Watch]]]:
    """Give a function that opens a browser for somebody; what it did is judged when the test ends."""
    opened: list[Watch] = []

    def visit(address: str = "", *, scripts: bool = True) -> tuple[Page, Watch]:
        session: StorageState | None = norte.session(address) if address else None
        context = browser.new_context(
            base_url=norte.live.url,
            viewport={"width": width, "height": WIDTHS[width]},
            is_mobile=width < 600,
            has_touch=width < 600,
            storage_state=session,
            locale="es-AR",
            color_scheme="light",
            reduced_motion="reduce",
            java_script_enabled=scripts,
        )
        context.set_default_timeout(PATIENCE_MS)
        opened.append(Watch(context, norte.live.url, width))
        return context.new_page(), opened[-1]

    yield visit
    problems = [problem for each in opened for problem in each.problems]
    for each in opened:
        each.context.close()
    assert not problems, "\n".join(problems)
