"""Asking in the portal, as several journeys do it."""

from playwright.sync_api import Locator, Page, expect

ATTENDANCE = "¿Cuántas inasistencias puede tener un alumno antes de perder la regularidad?"


def ask(page: Page, question: str, *, school: str = "norte") -> Locator:
    """Ask in a new conversation and return the finished answer."""
    page.goto(f"/e/{school}/preguntar/")
    return ask_on(page, question)


def ask_on(page: Page, question: str) -> Locator:
    """Ask on the page that is open and return the finished answer."""
    before = page.locator("article.message-assistant").count()
    page.locator("#question").fill(question)
    page.locator("#send").click()
    answer = page.locator("article.message-assistant").nth(before)
    expect(answer.locator(".message-foot")).to_be_visible()
    return answer
