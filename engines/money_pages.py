"""The pages of money: the month, what the school chose about it, and what was spent on what."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from engines import amounts, cards, chart, money_form, usage, words
from engines.labels import Label
from engines.models import AtCap
from engines.money_form import Typed
from engines.usage import BY, BadRange, By, Line, Month, Report
from schools import csv_files
from schools.admission import Member, SchoolRequest, in_school
from schools.refusals import Refused
from schools.roles import Can

# What an address calls the ways to add up.
_WAYS: Mapping[str, By] = {"dia": "day", "tarea": "task", "persona": "user", "motor": "engine"}


@require_safe
@in_school(Can.SEE_USAGE)
def show_usage(request: SchoolRequest) -> HttpResponse:
    """Show how the month stands and what was spent."""
    return _usage(request)


@require_POST
@in_school(Can.MANAGE_ENGINES)
def change_plan(request: SchoolRequest) -> HttpResponse:
    """Keep the school's choices about money; where that is refused, show what was typed with why."""
    typed = money_form.of_post(request.POST)
    try:
        money_form.keep(request.member, typed)
    except Refused as error:
        return _usage(request, typed=typed, refusal=error, status=400)
    messages.success(request, _("Guardado."))
    return redirect("engines:usage", slug=request.member.slug)


@require_safe
@in_school(Can.SEE_USAGE)
def download_usage(request: SchoolRequest) -> HttpResponse:
    """Send the report as a file for a spreadsheet."""
    try:
        report = _report(request.member, request.GET)
    except BadRange as error:
        messages.error(request, error.detail)
        return redirect("engines:usage", slug=request.member.slug)
    way = next(name for name, by in _WAYS.items() if by == report.by)
    name = f"gasto-{request.member.slug}-{report.first}-{report.last}-por-{way}.csv"
    return HttpResponse(
        csv_files.write(_table(report)),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _usage(
    request: SchoolRequest, *, typed: Typed | None = None, refusal: Refused | None = None, status: int = 200
) -> HttpResponse:
    member = request.member
    report, wrong = None, ""
    try:
        report = _report(member, request.GET)
    except BadRange as error:
        wrong, status = error.detail, 400
    shelf = cards.shelf(member)
    month = usage.month(member)
    return render(
        request,
        "engines/usage.html",
        {
            "month": month,
            "bar": _bar(month),
            "then": what_follows(month),
            "typed": typed or money_form.of_policy(shelf.policy),
            "refusal": refusal,
            "currencies": sorted({*shelf.currencies, shelf.policy.currency}),
            "at_cap": AtCap.choices,
            "labels": [(each.value, words.label(each), words.label_means(each)) for each in Label],
            "has_paid": any(card.engine.price and not card.engine.price.is_free for card in shelf.cards),
            "report": report,
            "rows": _rows(report) if report else [],
            "totals": [amounts.say(u, currency) for currency, u in report.totals.items()] if report else [],
            "charts": chart.draw(report) if report and report.by == "day" else (),
            "wrong_range": wrong,
            "ways": [
                ("dia", _("Día")),
                ("tarea", _("Tarea")),
                ("persona", _("Persona")),
                ("motor", _("Motor")),
            ],
            "way": _way(request.GET),
            "asked": {"desde": request.GET.get("desde", ""), "hasta": request.GET.get("hasta", "")},
            "ranges": _ranges(member),
        },
        status=status,
    )


def what_follows(month: Month) -> str:
    """Return in one sentence what happens next with the month's money."""
    then = words.after_cap(quotes_only=month.at_cap is AtCap.STOP)
    again = date_format(month.following, r"j \d\e F")
    if not month.cap_u:
        return _("La escuela no fijó un tope: los motores que cuestan no se usan.")
    if month.is_over:
        return _("Se llegó al tope: hasta el %(day)s %(then)s.") % {"day": again, "then": then}
    if month.is_warned:
        return _("Queda poco. Al llegar al tope, y hasta el %(day)s, %(then)s.") % {
            "day": again,
            "then": then,
        }
    warn_u = month.cap_u * month.warn_percent // 100
    told = {"amount": amounts.say(warn_u, month.currency), "then": then}
    return _("Al llegar a %(amount)s se avisa a la dirección. Al llegar al tope %(then)s.") % told


def _bar(month: Month) -> dict[str, Any]:
    """Return the month as widths of a bar of 1000, and in words."""
    whole = max(month.cap_u, month.spent_u + month.held_u, 1)
    return {
        "spent": month.spent_u * 1000 // whole,
        "held": month.held_u * 1000 // whole,
        "held_at": month.spent_u * 1000 // whole,
        "warn_at": month.cap_u * month.warn_percent * 10 // whole,
        "spent_text": amounts.say(month.spent_u, month.currency),
        "held_text": amounts.say(month.held_u, month.currency),
        "left_text": amounts.say(month.left_u, month.currency),
        "cap_text": amounts.say(month.cap_u, month.currency),
        "level": "bad" if month.is_over else "warn" if month.is_warned else "good",
    }


def _way(given: Mapping[str, str]) -> str:
    way = given.get("por", "dia")
    return way if way in _WAYS else "dia"


def _report(member: Member, given: Mapping[str, str]) -> Report:
    first, last = (_date(given.get(name, "")) for name in ("desde", "hasta"))
    return usage.report(member, by=_WAYS[_way(given)], first=first, last=last)


def _date(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadRange(_("La fecha no se entiende."), field="from") from None


def _ranges(member: Member) -> list[tuple[str, date, date]]:
    """Return ranges that one is likely to want: (name, first, last)."""
    today = usage.today(member)
    this = today.replace(day=1)
    before = this - timedelta(days=1)
    return [
        (_("Este mes"), this, today),
        (_("El mes pasado"), before.replace(day=1), before),
        (_("Este año"), today.replace(month=1, day=1), today),
    ]


def _rows(report: Report) -> list[dict[str, Any]]:
    """Return the lines with their amounts in words, and each one's share of the dearest of its currency."""
    most: dict[str, int] = {}
    for line in report.lines:
        most[line.currency] = max(most.get(line.currency, 0), line.amount_u)
    lines = reversed(report.lines) if report.by == "day" else iter(report.lines)
    return [
        {
            "line": line,
            "amount": amounts.say(line.amount_u, line.currency),
            "tokens": _tokens(line),
            "share": line.amount_u * 100 // most[line.currency] if most[line.currency] else 0,
        }
        for line in lines
    ]


def _tokens(line: Line) -> str:
    if not (line.tokens_in or line.tokens_out):
        return "–"
    figures = [
        number_format(n, use_l10n=True, force_grouping=True) for n in (line.tokens_in, line.tokens_out)
    ]
    return _("%(read)s leídos, %(written)s escritos") % {"read": figures[0], "written": figures[1]}


def _table(report: Report) -> list[list[str]]:
    first = {"day": _("Día"), "task": _("Tarea"), "user": _("Persona"), "engine": _("Motor")}[report.by]
    head = [first, _("Costo"), _("Moneda"), _("Llamadas"), _("De ellas, con costo estimado"), _("Tokens leídos"),
            _("Tokens escritos"), _("Segundos")]  # fmt: skip
    return [head, *(_cells(report, line) for line in report.lines)]


def _cells(report: Report, line: Line) -> list[str]:
    cost, seconds = (text.replace(".", ",") for text in (amounts.exact(line.amount_u), f"{line.seconds:g}"))
    return [
        line.key if report.by == "day" else line.name,
        cost,
        line.currency,
        str(line.calls),
        str(line.reckoned),
        str(line.tokens_in),
        str(line.tokens_out),
        seconds,
    ]


assert set(_WAYS.values()) == set(BY)
