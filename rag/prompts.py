"""The prompt library: a school's own instructions, their versions, and who may use them.

A prompt's text stands in its versions, which are never changed: another text is another version, and so is an old one
that is restored. Answers name the version that they were given with, so a deleted prompt's versions stay.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.db import IntegrityError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from documents import versions as documents_versions
from documents.personal_data import label_of_question
from engines.errands import Labelled
from engines.labels import Label
from rag import prompt_text
from rag.models import Prompt, PromptVersion
from rag.prompt_facts import BadPrompt, Facts, Task, Words, check_facts, check_words
from schools.admission import Member
from schools.refusals import Refused
from schools.roles import Can, Role
from schools.scope import school_scope

PROMPTS_MOST = 500


class NoSuchPrompt(Refused):
    """No such prompt or version, or none that the member may use."""

    code = "not_found"
    status = 404


class NameTaken(BadPrompt):
    """Another prompt of the school has that name."""

    code = "prompt_name_taken"
    status = 409


class TooMany(Refused):
    """The school has as many prompts as it may have."""

    code = "too_many_prompts"
    status = 409


class Overtaken(Refused):
    """Somebody else changed the prompt meanwhile; `latest` is what it says now."""

    code = "prompt_changed"
    status = 409

    def __init__(self, detail: str, *, latest: PromptVersion | None = None) -> None:
        super().__init__(detail)
        self.latest = latest


@dataclass(frozen=True, slots=True)
class Entry:
    """A prompt of the library with its latest version."""

    prompt: Prompt
    latest: PromptVersion

    @property
    def id(self) -> UUID:
        """Return the prompt's id."""
        return self.prompt.pk

    @property
    def facts(self) -> Facts:
        """Return what the prompt is beside its text."""
        row = self.prompt
        return Facts(row.name, row.purpose, row.task, row.is_default, _roles(row))


def visible(member: Member) -> list[Prompt]:
    """Return the prompts that the member may look at: what goes with every question first, then by name."""
    with school_scope(member.school_id):
        rows = list(Prompt.objects.filter(deleted_at=None))
    seen = (row for row in rows if _may_look(member, row))
    return sorted(seen, key=lambda row: (not row.is_default, row.name.casefold()))


def entries(member: Member, rows: Sequence[Prompt]) -> list[Entry]:
    """Return each of the prompts with its latest version, in the same order."""
    with school_scope(member.school_id):
        latest = {
            each.prompt_id: each
            for each in PromptVersion.objects.filter(prompt__in=[row.pk for row in rows])
            .select_related("created_by")
            .order_by("prompt", "-number")
            .distinct("prompt")
        }
    return [Entry(row, latest[row.pk]) for row in rows]


def get(member: Member, prompt_id: UUID) -> Entry:
    """Return a prompt that the member may look at; raise NoSuchPrompt."""
    with school_scope(member.school_id):
        row = Prompt.objects.filter(pk=prompt_id, deleted_at=None).first()
    if row is None or not _may_look(member, row):
        raise NoSuchPrompt(_("La instrucción no existe."))
    return entries(member, [row])[0]


def versions(
    member: Member,
    prompt_id: UUID,
    *,
    before: UUID | None = None,
    after: UUID | None = None,
    limit: int | None = None,
) -> list[PromptVersion]:
    """Return a prompt's versions, newest first; raise NoSuchPrompt."""
    row = get(member, prompt_id).prompt
    with school_scope(member.school_id):
        rows = PromptVersion.objects.filter(prompt=row).select_related("created_by")
        if after is not None:
            return list(rows.filter(pk__gt=after).order_by("pk")[:limit])[::-1]
        if before is not None:
            rows = rows.filter(pk__lt=before)
        return list(rows.order_by("-pk")[:limit])


def version(member: Member, prompt_id: UUID, number: int | None = None) -> PromptVersion:
    """Return one version of a prompt, the latest when none is named; raise NoSuchPrompt."""
    row = get(member, prompt_id).prompt
    with school_scope(member.school_id):
        rows = PromptVersion.objects.filter(prompt=row).select_related("created_by", "prompt")
        found = rows.filter(number=number).first() if number is not None else rows.order_by("-number").first()
    if found is None:
        raise NoSuchPrompt(_("La instrucción no tiene esa versión."))
    return found


def create(member: Member, facts: Facts, words: Words) -> Entry:
    """Make a prompt with its first version; raise BadPrompt, NameTaken, TooMany or BadText."""
    facts, words = check_facts(facts), check_words(words)
    try:
        with school_scope(member.school_id):
            if Prompt.objects.filter(deleted_at=None).count() >= PROMPTS_MOST:
                raise TooMany(
                    _("Hay %d instrucciones: para sumar otra hay que borrar alguna.") % PROMPTS_MOST
                )
            row = Prompt(created_by_id=member.user_id)
            _put(row, facts)
            _add_version(member, row, words, number=1)
    except IntegrityError as error:
        raise _clash(error) from error
    return get(member, row.pk)


def change(
    member: Member,
    prompt_id: UUID,
    *,
    facts: Facts,
    words: Words | None = None,
    began_from: int | None = None,
) -> Entry:
    """Give a prompt other facts, and a new version where the text or its variables differ from the latest.

    `began_from`: the version that the writer saw; raises Overtaken, and changes nothing, when there is a newer one with
    other words. Raises NoSuchPrompt, BadPrompt, NameTaken or BadText.
    """
    get(member, prompt_id)
    facts = check_facts(facts)
    words = check_words(words) if words else None
    try:
        with school_scope(member.school_id):
            row = _locked(prompt_id)
            latest = _latest(row)
            if words and not _says(latest, words) and not _is_untouched(row, words, began_from):
                if began_from is not None and began_from != latest.number:
                    raise Overtaken(
                        _("Mientras se escribía, otra persona guardó la versión %d.") % latest.number,
                        latest=latest,
                    )
                _add_version(member, row, words, number=latest.number + 1)
            _put(row, facts)
    except IntegrityError as error:
        raise _clash(error) from error
    return get(member, prompt_id)


def restore(member: Member, prompt_id: UUID, number: int) -> Entry:
    """Make an old version's words the latest again, as a new version; raise NoSuchPrompt."""
    old = version(member, prompt_id, number)
    with school_scope(member.school_id):
        row = _locked(prompt_id)
        latest = _latest(row)
        words = replace(words_of(old), note=says_restored(old.number))
        if not _says(latest, words):
            _add_version(member, row, words, number=latest.number + 1)
            row.changed_at = timezone.now()
            row.save(update_fields=["changed_at"])
    return get(member, prompt_id)


def delete(member: Member, prompt_id: UUID) -> None:
    """Take a prompt out of the library; raise NoSuchPrompt."""
    get(member, prompt_id)
    with school_scope(member.school_id):
        Prompt.objects.filter(pk=prompt_id).update(deleted_at=timezone.now(), is_default=False)


def usable(member: Member, task: str = Task.ANSWER) -> list[Prompt]:
    """Return the prompts that the member may use for a task, by name."""
    with school_scope(member.school_id):
        rows = list(Prompt.objects.filter(deleted_at=None, task=task))
    return sorted((row for row in rows if _may_use(member, row)), key=lambda row: row.name.casefold())


@dataclass(frozen=True, slots=True)
class Offered:
    """A prompt that can go with a question, and what may be filled in."""

    id: UUID
    name: str
    is_default: bool
    variables: tuple[prompt_text.Variable, ...]


def offered(member: Member, task: str = Task.ANSWER) -> list[Offered]:
    """Return the prompts that the member may use for a task, by name, each with its latest version's variables."""
    rows = usable(member, task)
    with school_scope(member.school_id):
        latest = PromptVersion.objects.filter(prompt__in=rows).order_by("prompt_id", "-number")
        variables = dict(latest.distinct("prompt_id").values_list("prompt_id", "variables")) if rows else {}
    return [
        Offered(row.pk, row.name, row.is_default, prompt_text.from_json(variables.get(row.pk, ())))
        for row in rows
    ]


def chosen(member: Member, prompt_id: UUID | None, task: str = Task.ANSWER) -> PromptVersion | None:
    """Return the latest version of the prompt that was chosen, or of the task's default when none was.

    None: none was chosen, and there is no default that the member may use. Raises NoSuchPrompt for a chosen one that is
    not there, is of another task, or may not be used.
    """
    rows = usable(member, task)
    found = next(
        (row for row in rows if (row.pk == prompt_id if prompt_id is not None else row.is_default)), None
    )
    if found is None:
        if prompt_id is not None:
            raise NoSuchPrompt(_("La instrucción no existe."), field="prompt_id")
        return None
    with school_scope(member.school_id):
        return PromptVersion.objects.filter(prompt=found).order_by("-number").select_related("prompt").first()


def render(version: PromptVersion, member: Member, values: Mapping[str, str] | None = None) -> str:
    """Return what an engine is told: the version's text with values, its own defaults where none are given.

    Raises BadText for a value that is too long, or of a variable that the version does not declare.
    """
    declared = {each.name: each for each in prompt_text.from_json(version.variables)}
    given = dict(values or {})
    if unknown := [name for name in given if name not in declared]:
        raise prompt_text.BadText(
            _("La instrucción no declara la variable «%s».") % unknown[0][: prompt_text.NAME_MOST_CHARS],
            field="variables",
        )
    filled = {
        name: prompt_text.check_value(each, given[name]) if name in given else each.default
        for name, each in declared.items()
    }
    return prompt_text.render(version.text, {**filled, **_built_in(member)})


def part(instructions: str) -> Labelled:
    """Return rendered instructions as a part of what an engine is given: internal, stricter with personal data."""
    return Labelled(_("la instrucción"), label_of_question(instructions, Label.INTERNAL))


def says_restored(number: int) -> str:
    """Return what stands as the note of a version that brings another one back."""
    return _("Vuelve a la versión %d") % number


def words_of(row: PromptVersion) -> Words:
    """Return a version's words as a value."""
    return Words(row.text, prompt_text.from_json(row.variables), row.note)


def _built_in(member: Member) -> dict[str, str]:
    return {
        "escuela": member.school_name,
        "fecha": date_format(documents_versions.today(member), "DATE_FORMAT"),
        "rol": member.role_label,
    }


def _roles(row: Prompt) -> frozenset[Role] | None:
    return None if row.roles is None else frozenset(Role(each) for each in row.roles if each in Role.values)


def _may_use(member: Member, row: Prompt) -> bool:
    roles = _roles(row)
    return member.may(Can.ASK) and (roles is None or member.role in roles)


def _may_look(member: Member, row: Prompt) -> bool:
    return member.may(Can.WRITE_PROMPTS) or _may_use(member, row)


def _locked(prompt_id: UUID) -> Prompt:
    """Return the row, held until the end of the scope, so that two writers come one after the other."""
    row = Prompt.objects.select_for_update().filter(pk=prompt_id, deleted_at=None).first()
    if row is None:
        raise NoSuchPrompt(_("La instrucción no existe."))
    return row


def _latest(row: Prompt) -> PromptVersion:
    return PromptVersion.objects.filter(prompt=row).select_related("created_by").order_by("-number")[0]


def _says(row: PromptVersion, words: Words) -> bool:
    return row.text == words.text and prompt_text.from_json(row.variables) == words.variables


def _is_untouched(row: Prompt, words: Words, began_from: int | None) -> bool:
    """Say whether the words are those that the writer was shown: then nobody meant to bring them back."""
    shown = PromptVersion.objects.filter(prompt=row, number=began_from).first() if began_from else None
    return shown is not None and _says(shown, words)


def _put(row: Prompt, facts: Facts) -> None:
    """Write a prompt's facts; a new default takes the place of the old one in the same transaction."""
    if facts.is_default:
        others = Prompt.objects.filter(task=facts.task, is_default=True, deleted_at=None)
        others.exclude(pk=row.pk).update(is_default=False)
    row.name, row.purpose, row.task, row.is_default = facts.name, facts.purpose, facts.task, facts.is_default
    row.roles = None if facts.roles is None else sorted(facts.roles)
    row.changed_at = timezone.now()
    row.save()


def _add_version(member: Member, row: Prompt, words: Words, *, number: int) -> PromptVersion:
    return PromptVersion.objects.create(
        prompt=row,
        number=number,
        text=words.text,
        variables=[each.to_json() for each in words.variables],
        note=words.note,
        created_by_id=member.user_id,
    )


def _clash(error: IntegrityError) -> Refused:
    """Return what the database refused, in words for staff."""
    if "rag_prompt_name_once" in str(error):
        return NameTaken(_("Ya hay una instrucción con ese nombre."), field="name")
    if "rag_prompt_one_default" not in str(error):
        raise error
    return Overtaken(_("Otra persona cambió las instrucciones en este mismo momento. Guardar de nuevo."))
