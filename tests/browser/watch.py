"""What must hold on every page that a journey comes to, whatever the journey is about."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request

ARTIFACTS = Path(__file__).resolve().parents[1] / "artifacts"
THEMES = ("light", "dark")
SERIOUS = {"serious", "critical"}

_TELL_VIOLATIONS = """document.addEventListener("securitypolicyviolation",
  (event) => console.error(`policy: ${event.violatedDirective} refused ${event.blockedURI}`))"""
_TAKE_THEME = """(theme) => {
  document.documentElement.setAttribute("data-bs-theme", theme);
  document.documentElement.classList.toggle("dark", theme === "dark");
  for (const each of document.getAnimations()) if (each instanceof CSSTransition) each.finish();
}"""
# What a page is made of does not change with its colours, nor its colours with the width: a phone's light page is
# looked at for all but the contrasts, which the desk's has had and which cost the most.
_AXE = """async ([theme, isPhone]) => {
  const only = theme === "dark" ? { runOnly: ["color-contrast"] }
    : isPhone ? { rules: { "color-contrast": { enabled: false } } } : {};
  const found = await axe.run(document, { resultTypes: ["violations"], ...only });
  return found.violations.map(({ id, impact, nodes }) => ({
    id, impact, nodes: nodes.map(({ target, failureSummary }) => `${target.join(" ")}: ${failureSummary}`) }));
}"""
_TOO_WIDE = """() => {
  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= room) return [];
  return [...document.querySelectorAll("body *")]
    .filter((each) => each.getBoundingClientRect().right > room + 1)
    .slice(0, 5).map((each) => `${each.tagName}.${each.className} reaches ${each.getBoundingClientRect().right}`);
}"""


@dataclass(slots=True)
class Watch:
    """One person's browser, and everything it did that it should not have."""

    context: BrowserContext
    url: str
    width: int
    problems: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin to listen."""
        self.context.add_init_script(_TELL_VIOLATIONS)
        self.context.on("request", lambda request: self._heard_request(request))
        self.context.on("console", lambda message: self._heard_console(message))
        self.context.on("weberror", lambda error: self.problems.append(f"script: {error.error}"))

    def expect_status(self, status: int) -> None:
        """Let the browser complain of an answer with this status: the journey asks for it on purpose."""
        self.expected.append(f"status of {status}")

    def look(self, page: Page, name: str) -> None:
        """Hold the page to the house's rules, and keep its picture; by dark on a phone, as colours know no width."""
        assert self.context == page.context
        page.evaluate(AXE_SCRIPT)
        is_phone = self.width < 600
        before = page.evaluate("document.documentElement.dataset.bsTheme ?? ''")
        for theme in THEMES if is_phone else THEMES[:1]:
            page.evaluate(_TAKE_THEME, theme)
            where = f"{name} at {self.width} px, {theme}"
            ARTIFACTS.mkdir(exist_ok=True)
            page.screenshot(path=ARTIFACTS / f"{name}-{self.width}-{theme}.png")
            for finding in page.evaluate(_AXE, [theme, is_phone]):
                if finding["impact"] in SERIOUS:
                    self.problems.append(f"{where}: {finding['id']}: " + "; ".join(finding["nodes"][:3]))
            if wide := page.evaluate(_TOO_WIDE):
                self.problems.append(f"{where}: wider than the window: {wide}")
        page.evaluate(_TAKE_THEME, before)

    def _heard_request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in ("data", "blob") and f"{address.scheme}://{address.netloc}" != self.url:
            self.problems.append(f"request to another machine: {request.url}")

    def _heard_console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not any(each in message.text for each in self.expected):
            self.problems.append(f"console at {message.page.url if message.page else '?'}: {message.text}")


# Of journeys that look at no page of their own: where the least room is, and most stands in menus.
ON_A_PHONE = pytest.mark.parametrize("width", [390], ids=["390px"], indirect=True)
# What the fixture `arrive` gives: opens a browser for an address, logged in; "" for nobody.
Arrive = Callable[..., tuple[Page, Watch]]
