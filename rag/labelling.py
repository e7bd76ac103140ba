"""How sensitive everything is that an engine would be given: the question, what was said before, every source."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.utils.translation import gettext as _

from documents.models import Document
from documents.personal_data import label_of_question
from engines import labels, rules
from engines.errands import Labelled
from engines.labels import Label
from rag.models import Message
from schools import scope
from schools.admission import Member
from schools.scope import school_scope


def of_question(member: Member, question: str, *, is_private: bool = False) -> Labelled:
    """Return the question with its label: the school's usual one, stricter where personal data is found in it.

    `is_private`: the person said that it may not leave the school.
    """
    usual = rules.policy(member.school_id).question_label
    label = label_of_question(question, usual)
    return Labelled(_("la pregunta"), labels.strictest([label, Label.CONFIDENTIAL]) if is_private else label)


def of_documents(member: Member, document_ids: Iterable[UUID]) -> list[Labelled]:
    """Return documents with their labels; one without, or that is gone meanwhile, counts as confidential."""
    wanted = set(document_ids)
    rows = scope.run(
        member.school_id,
        "SELECT title, sensitivity FROM documents_document WHERE school_id = %(school)s AND id = ANY(%(wanted)s)"
        " ORDER BY title",
        {"school": member.school_id, "wanted": list(wanted)},
    )
    found = [of_document(title, sensitivity) for title, sensitivity in rows]
    if len(rows) < len(wanted):
        found.append(Labelled(_("un documento que ya no está"), Label.CONFIDENTIAL))
    return found


def of_document(title: str, sensitivity: str) -> Labelled:
    """Return a document with its label."""
    return Labelled(_("«%s»") % title, labels.of(sensitivity))


def of_history(member: Member, messages: Sequence[Message]) -> list[Labelled]:
    """Return earlier questions with their answers, each as sensitive as all that its engine was given.

    A document that was cited may have a stricter label by now. A message from before there were labels is confidential.
    """
    if not messages:
        return []
    with school_scope(member.school_id):
        kept = dict(Message.objects.filter(pk__in=[each.pk for each in messages]).values_list("pk", "label"))
    cited = {UUID(each["document_id"]) for message in messages for each in message.citations}
    with school_scope(member.school_id):
        now = list(Document.objects.filter(pk__in=cited).values_list("sensitivity", flat=True))
    strictest = labels.strictest([*(labels.of(kept.get(each.pk)) for each in messages), *map(labels.of, now)])
    return [Labelled(_("lo conversado antes"), strictest)]
