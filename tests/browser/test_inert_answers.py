"""T22, EchoLeak: an answer full of links, images and scripts asks a real browser for nothing and opens nothing."""

from collections.abc import Iterator

import pytest
import yaml
from playwright.sync_api import Dialog, Page, expect

from tests.browser.asking import ATTENDANCE
from tests.browser.cast import Cast
from tests.browser.watch import ON_A_PHONE, Arrive
from tests.doubles import openai_compat
from tests.doubles.base import Double
from tests.rag.attacks import ATTACKS

_OUTSIDE = """() => [...document.querySelectorAll("#messages *")].flatMap((each) => ["src", "href", "action", "style",
  "srcset", "poster", "data", "formaction", "onclick", "onerror", "onload"]
  .filter((name) => each.hasAttribute(name))
  .map((name) => [each.tagName, name, each.getAttribute(name)]))
  .filter(([tag, name, value]) => !["src", "href", "action"].includes(name)
    || new URL(value, location.href).origin !== location.origin)"""
_NOTE_WRITING = """() => {
  window.begun = [];
  new MutationObserver(() => {
    for (const each of document.querySelectorAll("#messages .is-writing [data-body] *")) begun.push(each.tagName);
  }).observe(document.getElementById("messages"), { childList: true, subtree: true });
}"""


@pytest.fixture
def liar(norte: Cast) -> Iterator[Double]:
    """Run an engine in the school's network that answers every attack there is, word by word."""
    file = norte.live.engines
    before = file.read_text("utf-8")
    with openai_compat.serving() as double:
        double.answer = tuple(f"{each.replace(chr(0), '')}\n\n" for each in ATTACKS)
        entry = openai_compat.entry(double, name="mentiroso")
        engines = yaml.safe_load(before)["engines"]
        file.write_text(yaml.safe_dump({"engines": [entry, *engines]}, allow_unicode=True), "utf-8")
        yield double
        file.write_text(before, "utf-8")


@ON_A_PHONE
@pytest.mark.long
def test_an_answer_full_of_attacks_asks_for_nothing(arrive: Arrive, liar: Double) -> None:
    """Red when rag/prose.py lets images or HTML live, answer.js writes `innerHTML`, or the policy is gone.

    Requests to another machine and refusals of the policy are problems by themselves: see watch.py.
    """
    page, _watch = arrive("ana@norte.example")
    dialogs: list[str] = []
    opened: list[Page] = []

    def note(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", note)
    page.context.on("page", lambda other: opened.append(other))
    page.goto("/e/norte/preguntar/")
    page.evaluate(_NOTE_WRITING)
    page.locator("#question").fill(ATTENDANCE)
    page.locator("#send").click()
    answer = page.locator("article.message-assistant").first
    expect(answer.locator(".message-foot")).to_be_visible()
    expect(answer).to_contain_text("evil.example")
    assert set(page.evaluate("begun")) <= {"P", "A"}, "while it is written it is text and marks"
    for look in range(2):
        assert page.evaluate(_OUTSIDE) == []
        # What can be pressed is pressed: nothing of it leaves.
        for mark in answer.locator(".message-body a").all()[:3]:
            assert (mark.get_attribute("href") or "").startswith("/e/norte/")
        if not look:
            page.reload()
            expect(answer.locator(".message-foot")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert (dialogs, opened) == ([], [])


def test_the_policy_refuses_what_would_slip_through(arrive: Arrive, norte: Cast) -> None:
    """The second wall, with the first one taken down: what stands in the page is refused all the same."""
    page, watch = arrive("ana@norte.example")
    watch.expected += ["policy:", "Content Security Policy", "violates", "net::ERR_BLOCKED_BY_CSP"]
    refused: dict[str, str | None] = {}
    page.on("requestfailed", lambda request: refused.update({request.url: request.failure}))
    page.goto("/e/norte/preguntar/")
    page.evaluate(
        """() => {
          window.ran = false;
          const holder = document.createElement("div");
          holder.innerHTML = `<img src="https://evil.example/x.png" onerror="window.ran = true">
            <svg onload="window.ran = true"></svg><iframe src="https://evil.example"></iframe>
            <object data="https://evil.example"></object><form action="https://evil.example"></form>`;
          document.body.append(holder);
          const script = document.createElement("script");
          script.textContent = "window.ran = true";
          document.body.append(script);
          return fetch("https://evil.example").then(() => "sent", () => "refused");
        }"""
    )
    assert page.evaluate("window.ran") is False
    assert page.evaluate("fetch('https://evil.example').then(() => 'sent', () => 'refused')") == "refused"
    # A request that the browser never made is told of all the same, as one that the policy refused.
    asked = [each for each in watch.problems if "request to another machine" in each]
    assert all("csp" in str(refused.get(each.partition(": ")[2])).lower() for each in asked), refused
    watch.problems[:] = [each for each in watch.problems if each not in asked]
