"""Conversations: a person's own, kept, named, found again, deleted."""

from datetime import timedelta
from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from engines.spanish import fold
from rag.models import Conversation, Message
from schools import scope
from schools.admission import Member
from schools.ids import SchoolId
from schools.models import School
from schools.refusals import Refused
from schools.scope import school_scope

TITLE_MOST_CHARS = 120
COMMENT_MOST_CHARS = 2_000
# No answer takes so long.
ABANDONED = timedelta(minutes=15)


class NoSuchConversation(Refused):
    """No such conversation, or another person's."""

    code = "not_found"
    status = 404


class BadTitle(Refused):
    """The title is empty or too long."""

    code = "invalid"


class BadRating(Refused):
    """A rating is 1 or -1."""

    code = "invalid"


def search(
    member: Member, *, query: str = "", before: UUID | None = None, after: UUID | None = None, limit: int = 50
) -> list[Conversation]:
    """Return the member's conversations, newest first; with `query`, those whose title or questions hold its words."""
    with school_scope(member.school_id):
        rows = Conversation.objects.filter(user_id=member.user_id)
        for word in fold(query).split():
            asked = Message.objects.filter(question__icontains=word).values("conversation_id")
            rows = rows.filter(Q(title_folded__contains=word) | Q(pk__in=asked))
        if after is not None:
            return list(rows.filter(pk__gt=after).order_by("pk")[:limit])[::-1]
        if before is not None:
            rows = rows.filter(pk__lt=before)
        return list(rows.order_by("-pk")[:limit])


def get(member: Member, conversation_id: UUID) -> Conversation:
    """Return one of the member's conversations; raise NoSuchConversation."""
    with school_scope(member.school_id):
        row = Conversation.objects.filter(pk=conversation_id, user_id=member.user_id).first()
    if row is None:
        raise NoSuchConversation(_("La conversación no existe."))
    return row


def messages(member: Member, conversation_id: UUID) -> list[Message]:
    """Return a conversation's messages, oldest first; raise NoSuchConversation."""
    conversation = get(member, conversation_id)
    with school_scope(member.school_id):
        rows = Message.objects.filter(conversation_id=conversation.pk)
        return list(rows.select_related("prompt_version__prompt").order_by("pk"))


def message(member: Member, message_id: UUID) -> Message:
    """Return a message of one of the member's conversations; raise NoSuchConversation."""
    with school_scope(member.school_id):
        row = Message.objects.filter(pk=message_id, conversation__user_id=member.user_id).first()
    if row is None:
        raise NoSuchConversation(_("El mensaje no existe."))
    return row


def start(member: Member, *, title: str = "") -> Conversation:
    """Begin a conversation; without a title it takes its first question's."""
    title = " ".join(title.split())[:TITLE_MOST_CHARS] or _("Conversación nueva")
    with school_scope(member.school_id):
        return Conversation.objects.create(
            user_id=member.user_id, title=title, title_folded=fold(title)[:200]
        )


def rename(member: Member, conversation_id: UUID, *, title: str) -> Conversation:
    """Give a conversation another name; raise NoSuchConversation or BadTitle."""
    row = get(member, conversation_id)
    title = " ".join(title.replace("\0", " ").split())
    if not 1 <= len(title) <= TITLE_MOST_CHARS:
        raise BadTitle(_("El nombre debe tener de 1 a %d caracteres.") % TITLE_MOST_CHARS, field="title")
    row.title, row.title_folded = title, fold(title)[:200]
    with school_scope(member.school_id):
        row.save(update_fields=["title", "title_folded"])
    return row


def delete(member: Member, conversation_id: UUID) -> None:
    """Delete a conversation with its messages; raise NoSuchConversation."""
    row = get(member, conversation_id)
    with school_scope(member.school_id):
        row.delete()


def rate(member: Member, message_id: UUID, *, rating: int | None, comment: str = "") -> Message:
    """Keep what the person thinks of an answer: 1, -1, or None to take it back; raise BadRating."""
    if rating not in (1, -1, None):
        raise BadRating(_("La valoración es 1 o -1."), field="rating")
    if len(comment) > COMMENT_MOST_CHARS or "\0" in comment:
        raise BadRating(
            _("El comentario puede tener hasta %d caracteres.") % COMMENT_MOST_CHARS, field="comment"
        )
    row = message(member, message_id)
    row.rating, row.comment = rating, comment
    with school_scope(member.school_id):
        row.save(update_fields=["rating", "comment"])
    return row


def close_abandoned() -> None:
    """Mark as failed what is still waited for after its server must have died. Called by the scheduler."""
    now = timezone.now()
    schools = [SchoolId(pk) for pk in School.objects.values_list("pk", flat=True)]
    scope.in_each(schools, _CLOSE, {"now": now, "before": now - ABANDONED})


_CLOSE = """
UPDATE rag_message SET status = 'failed', error_code = 'abandoned', finished_at = %(now)s
WHERE school_id = %(school)s AND status = 'pending' AND created_at < %(before)s
"""


def stop(member: Member, message_id: UUID) -> None:
    """Ask for an answer that is being written to end; one that has ended stays as it is."""
    row = message(member, message_id)
    with school_scope(member.school_id):
        Message.objects.filter(pk=row.pk).update(stop_asked=True)
