"""The prompt library: versions that never change, one default for a task, and only for whom it is meant."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from rag import prompts
from rag.models import Prompt, PromptVersion
from rag.prompt_facts import ASKERS, BadPrompt, Facts, Words
from rag.prompt_text import BadText, Variable
from rag.prompts import Entry, NameTaken, NoSuchPrompt, Overtaken
from schools.ids import new_id
from schools.models import School
from schools.roles import Role
from schools.scope import school_scope
from tests.conftest import Person, join

TEXT = "Responder para {{curso}} de {{escuela}}."
COURSE = Variable("curso", "El curso", "5.º B")


def make(person: Person, name: str = "Breve", *, text: str = TEXT, **facts: Any) -> Entry:
    return prompts.create(person.member, Facts(name, **facts), Words(text, (COURSE,)))


def rewrite(person: Person, entry: Entry, text: str, **more: Any) -> Entry:
    return prompts.change(person.member, entry.id, facts=entry.facts, words=Words(text, (COURSE,)), **more)


def test_another_text_is_another_version_and_the_same_text_is_none(ana: Person) -> None:
    made = make(ana)
    assert (made.latest.number, made.latest.created_by) == (1, ana.user)
    assert rewrite(ana, made, TEXT + "  \r\n").latest.number == 1
    two = rewrite(ana, made, "Otra cosa.")
    assert (two.latest.number, two.latest.text, two.latest.variables) == (2, "Otra cosa.", [])
    back = prompts.restore(ana.member, made.id, 1)
    assert (back.latest.number, back.latest.text, back.latest.note) == (3, TEXT, "Vuelve a la versión 1")
    assert back.latest.variables == [COURSE.to_json()]
    assert prompts.restore(ana.member, made.id, 1).latest.number == 3
    assert [each.number for each in prompts.versions(ana.member, made.id)] == [3, 2, 1]
    assert prompts.version(ana.member, made.id, 2).text == "Otra cosa."
    with pytest.raises(NoSuchPrompt):
        prompts.version(ana.member, made.id, 4)


def test_who_writes_over_anothers_version_is_told_and_loses_nothing(ana: Person) -> None:
    made = make(ana)
    rewrite(ana, made, "De otra persona.", began_from=1)
    with pytest.raises(Overtaken) as overtaken:
        rewrite(ana, made, "De Ana.", began_from=1)
    assert overtaken.value.latest is not None
    assert overtaken.value.latest.text == "De otra persona."
    assert prompts.get(ana.member, made.id).latest.number == 2
    assert rewrite(ana, made, "De Ana.", began_from=2).latest.number == 3
    # Who changed the name alone, before a text that is no longer the latest, brings no old text back.
    renamed = prompts.change(
        ana.member, made.id, facts=Facts("Otro nombre"), words=Words(TEXT, (COURSE,)), began_from=1
    )
    assert (renamed.prompt.name, renamed.latest.number) == ("Otro nombre", 3)


def test_a_task_has_one_default(ana: Person) -> None:
    one, two = make(ana, is_default=True), make(ana, "Otra", is_default=True)
    assert not prompts.get(ana.member, one.id).prompt.is_default
    assert prompts.get(ana.member, two.id).prompt.is_default
    prompts.change(ana.member, one.id, facts=Facts("Breve", is_default=True))
    assert [row.name for row in prompts.visible(ana.member) if row.is_default] == ["Breve"]
    prompts.delete(ana.member, one.id)
    assert prompts.chosen(ana.member, None) is None
    make(ana, is_default=True)  # the name is free again


def test_only_those_it_is_meant_for_use_it(ana: Person, beto: Person) -> None:
    every, mine = make(ana), make(ana, "Dirección", roles=frozenset({Role.DIRECTOR}), is_default=True)
    assert [row.name for row in prompts.usable(ana.member)] == ["Breve", "Dirección"]
    assert [row.name for row in prompts.usable(beto.member)] == ["Breve"]
    assert prompts.chosen(beto.member, None) is None
    default = prompts.chosen(ana.member, None)
    assert default is not None
    assert default.prompt_id == mine.id
    attempts: tuple[Callable[[], object], ...] = (
        lambda: prompts.chosen(beto.member, mine.id),
        lambda: prompts.get(beto.member, mine.id),
        lambda: prompts.versions(beto.member, mine.id),
        lambda: prompts.chosen(ana.member, new_id()),
    )
    for use in attempts:
        with pytest.raises(NoSuchPrompt) as refused:
            use()
        assert refused.value.status == 404
    assert prompts.chosen(beto.member, every.id) == every.latest
    # A secretary looks after what others use.
    secretary = join(ana.school, "secretaria@norte.example", Role.SECRETARY)
    assert prompts.get(secretary.member, mine.id).prompt.name == "Dirección"
    with pytest.raises(NoSuchPrompt):
        prompts.chosen(secretary.member, mine.id)
    # An auditor asks nothing, and is nobody's choice.
    auditor = join(ana.school, "auditora@norte.example", Role.AUDITOR)
    assert prompts.usable(auditor.member) == []
    assert Role.AUDITOR not in ASKERS


def test_another_school_has_its_own(ana: Person, zoe: Person) -> None:
    made = make(ana, is_default=True)
    theirs = make(zoe, is_default=True)
    assert [row.pk for row in prompts.visible(zoe.member)] == [theirs.id]
    assert [row.pk for row in prompts.usable(zoe.member)] == [theirs.id]
    with pytest.raises(NoSuchPrompt):
        prompts.get(zoe.member, made.id)
    with pytest.raises(NoSuchPrompt):
        prompts.chosen(zoe.member, made.id)


def test_what_is_rendered_holds_the_schools_words(ana: Person) -> None:
    School.objects.filter(pk=ana.school.pk).update(time_zone="Pacific/Kiritimati", name="Norte {{rol}}")
    made = make(ana, text="{{rol}}|{{escuela}}|{{curso}}|{{fecha}}")
    told = prompts.render(made.latest, ana.member).split("|")
    assert told[:3] == ["Dirección", "Norte {{rol}}", "5.º B"]
    assert str(datetime.now(UTC).year)[:2] in told[3]
    assert " de " in told[3]
    assert "|6.º A|" in prompts.render(made.latest, ana.member, {"curso": "6.º A"})
    for values in ({"escuela": "Sur"}, {"nadie": "x"}, {"curso": "x" * 501}):
        with pytest.raises(BadText):
            prompts.render(made.latest, ana.member, values)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        (Facts(" "), "name"),
        (Facts("n" * 101), "name"),
        (Facts("a\0"), "name"),
        (Facts("a", "p" * 301), "purpose"),
        (Facts("a", task="nada"), "task"),
        (Facts("a", roles=frozenset()), "roles"),
        (Facts("a", roles=frozenset({Role.AUDITOR})), "roles"),
        (Facts("BREVE"), "name"),
    ],
)
def test_what_makes_no_prompt_is_refused_and_nothing_is_kept(ana: Person, facts: Facts, field: str) -> None:
    made = make(ana)
    other = make(ana, "Otra")
    attempts: tuple[Callable[[], object], ...] = (
        lambda: prompts.create(ana.member, facts, Words(TEXT, (COURSE,))),
        lambda: prompts.change(ana.member, other.id, facts=facts, words=Words("Otro.")),
    )
    for attempt in attempts:
        with pytest.raises(BadPrompt) as refused:
            attempt()
        assert refused.value.field == field
    assert isinstance(refused.value, NameTaken) == (facts.name == "BREVE")
    with pytest.raises(BadText):
        make(ana, "Nueva", text="{{nadie}}")
    assert sorted(row.name for row in prompts.visible(ana.member)) == ["Breve", "Otra"]
    with school_scope(ana.school_id):
        assert PromptVersion.objects.count() == Prompt.objects.count() == 2
    assert prompts.get(ana.member, made.id).latest.number == 1
