"""The API of engines, usage and budget."""

from uuid import UUID

from django.utils.translation import gettext as _
from rest_framework.response import Response
from rest_framework.views import APIView

from engines import cards, config, decisions, probe, rules, usage
from engines.api_shapes import (
    BudgetChange,
    BudgetShape,
    Choice,
    EngineChange,
    EngineCheck,
    EngineShape,
    Planned,
    TakenDecision,
    UsageQuery,
    UsageShape,
    of_card,
    of_month,
    of_report,
    of_told,
)
from engines.cards import Card
from engines.rules import NoSuchEngine
from schools.admission import Member, in_school
from schools.openapi import describe
from schools.roles import Can
from schools.shapes import Call, page_of, read, read_query


class Engines(APIView):
    """`engines/`"""

    @describe("list_engines", area="engines", gives=page_of(EngineShape))
    @in_school(Can.READ)
    def get(self, request: Call) -> Response:
        """Return the installation's engines and their health, in the order of preference."""
        rows = [of_card(each) for each in _cards(request.member)]
        return Response({"next": None, "previous": None, "results": rows})


class OneEngine(APIView):
    """`engines/{engine}/`"""

    @describe("change_engine", area="engines", takes=EngineChange, gives=EngineShape)
    @in_school(Can.MANAGE_ENGINES)
    def patch(self, request: Call, engine: str) -> Response:
        """Keep what the school lets an engine do."""
        given, before = read(EngineChange, request, partial=True), _card(request.member, engine)
        rules.allow(
            request.member,
            engine,
            is_enabled=given.get("is_enabled", before.allowance.is_enabled),
            max_label=given.get("max_label", before.allowance.max_label.value),
            tasks=given.get("tasks", [task.value for task in before.tasks if task.is_chosen]),
        )
        return Response(of_card(_card(request.member, engine)))


class CheckEngine(APIView):
    """`engines/{engine}/check`"""

    @describe("check_engine", area="engines", gives=EngineCheck)
    @in_school(Can.MANAGE_ENGINES)
    def post(self, request: Call, engine: str) -> Response:
        """Ask an engine how it is, at no cost and for some seconds at most."""
        result = probe.ask(request.member.school_id, engine)
        return Response({"engine": result.engine, "healthy": result.is_well, "detail": result.detail})


class Explain(APIView):
    """`engines/explain`"""

    @describe("explain_engines", area="engines", takes=Planned, gives=Choice)
    @in_school(Can.READ)
    def post(self, request: Call) -> Response:
        """Return the decision that would be taken now, with its reasons; nobody is called and nothing is spent."""
        given = read(Planned, request)
        told = decisions.plan(
            request.member,
            task=decisions.task_of(given["task"]),
            sensitivity=given.get("sensitivity"),
            tokens_in=given.get("tokens_in"),
            seconds=given.get("seconds"),
        )
        return Response(of_told(told))


class OneDecision(APIView):
    """`engines/decisions/{id}`"""

    @describe("get_decision", area="engines", gives=TakenDecision)
    @in_school(Can.READ)
    def get(self, request: Call, decision_id: UUID) -> Response:
        """Return why an engine was chosen and what followed; for whom it worked, and for who looks after engines."""
        return Response(of_told(decisions.get(request.member, decision_id)))


class Usage(APIView):
    """`usage/`"""

    @describe("get_usage", area="engines", gives=UsageShape, query=(UsageQuery,))
    @in_school(Can.SEE_USAGE)
    def get(self, request: Call) -> Response:
        """Return what was spent from one day to another, both included, in the school's time zone."""
        asked = read_query(UsageQuery, request)
        report = usage.report(request.member, by=asked["by"], first=asked.get("from"), last=asked.get("to"))
        return Response(of_report(report))


class Budget(APIView):
    """`budget/`"""

    @describe("get_budget", area="engines", gives=BudgetShape)
    @in_school(Can.SEE_USAGE)
    def get(self, request: Call) -> Response:
        """Return how the month stands."""
        return Response(_month(request.member))

    @describe("change_budget", area="engines", takes=BudgetChange, gives=BudgetShape)
    @in_school(Can.MANAGE_ENGINES)
    def patch(self, request: Call) -> Response:
        """Keep what the school chooses about its money; what was spent stays."""
        given = read(BudgetChange, request, partial=True)
        cap = given.get("cap", {})
        rules.plan(
            request.member,
            currency=cap.get("currency"),
            cap=cap.get("amount"),
            warn_percent=given.get("warn_percent"),
            at_cap=given.get("at_cap"),
            question_label=given.get("question_sensitivity"),
        )
        return Response(_month(request.member))


def _month(member: Member) -> dict[str, object]:
    return of_month(usage.month(member), rules.policy(member.school_id).question_label)


def _cards(member: Member) -> tuple[Card, ...]:
    """Return the cards; raise Misconfigured where the file has a mistake."""
    config.load()
    return cards.shelf(member).cards


def _card(member: Member, name: str) -> Card:
    for card in _cards(member):
        if card.engine.name == name:
            return card
    raise NoSuchEngine(_("El motor no existe."))
