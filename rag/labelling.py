"""How sensitive everything is that an engine would be given: the question, what was said before, every source."""

from collections.abc import Iterable
from uuid import UUID

from django.utils.translation import gettext as _

from documents.models import Document
from engines import labels, rules
from engines.errands import Labelled
from engines.labels import Label
from schools.admission import Member
from schools.scope import school_scope


def of_question(member: Member, question: str, *, is_private: bool = False) -> Labelled:
    """Return the question with its label: the school's usual one, stricter where personal data is found in it.

    `is_private`: the person said that it may not leave the school.
    """
    usual = rules.policy(member.school_id).question_label
    label = Label.CONFIDENTIAL if is_private else usual
    return Labelled(_("la pregunta"), labels.strictest([usual, label]))


def of_documents(member: Member, document_ids: Iterable[UUID]) -> list[Labelled]:
    """Return documents with their labels; one without counts as confidential."""
    with school_scope(member.school_id):
        rows = list(
            Document.objects.filter(pk__in=set(document_ids))
            .values_list("title", "sensitivity")
            .order_by("title")
        )
    return [Labelled(_("«%s»") % title, labels.of(sensitivity)) for title, sensitivity in rows]
