"""Chunks that retrieval finds, the indexes that hold their vectors, and the conversations that use them."""

from uuid import UUID

from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from schools.ids import new_id
from schools.models import User
from schools.tenancy import SchoolModel, school_key
from schools.wall import walled


class Chunk(SchoolModel):
    """A piece of a document of the size that retrieval works on. Its id is its point's id in every index."""

    # Made from document, ordinal and text (see rag.cut), so that doing it twice makes nothing twice.
    id = models.UUIDField(primary_key=True, editable=False)
    document = school_key("documents.Document", related_name="chunks")
    ordinal = models.PositiveIntegerField()
    text = models.TextField()
    heading_path = models.JSONField(default=list)
    # [[block ordinal, start in this text, start in the block's text, length], …]
    spans = models.JSONField(default=list)
    analysis = models.BinaryField()  # see engines.spanish.Analysis

    class Meta(SchoolModel.Meta):
        constraints = [
            *walled("document"),
            models.UniqueConstraint(fields=["school", "document", "ordinal"], name="rag_chunk_once"),
        ]

    def __str__(self) -> str:
        return self.text[:60]


class IndexState(models.TextChoices):
    """What an index is good for."""

    BUILDING = "building"
    ACTIVE = "active"
    RETIRED = "retired"


class Index(models.Model):
    """A collection of vectors in Qdrant, for all schools. Holds no school's data; stands outside the wall.

    One is active and answers. When the embedder changes, another is built beside it and takes over when it is whole.
    """

    name = models.CharField(primary_key=True, max_length=80)
    # Of the embedder that made its dense vectors (see engines.router.EmbedderSpec); empty: it has none.
    fingerprint = models.CharField(max_length=40, blank=True)
    dimension = models.PositiveIntegerField(null=True)
    state = models.CharField(max_length=10, choices=IndexState.choices, default=IndexState.BUILDING)
    created_at = models.DateTimeField(default=timezone.now)
    activated_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["state"], condition=models.Q(state="active"), name="rag_index_one_active"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.state})"


class Placement(SchoolModel):
    """That an index holds all of a document's chunks."""

    document = school_key("documents.Document", related_name="placements")
    # An index goes outside of any school, where Django could not ask for the rows of this table.
    index = models.ForeignKey(Index, models.DO_NOTHING, related_name="+")

    class Meta(SchoolModel.Meta):
        constraints = [
            *walled("document"),
            models.UniqueConstraint(fields=["school", "document", "index"], name="rag_placement_once"),
        ]

    def __str__(self) -> str:
        return f"{self.document_id} in {self.index_id}"


class Conversation(SchoolModel):
    """A person's questions in a row. Belongs to that person alone."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    title = models.CharField(max_length=200)
    title_folded = models.CharField(max_length=200, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    last_at = models.DateTimeField(default=timezone.now)

    class Meta(SchoolModel.Meta):
        constraints = [*walled()]
        indexes = [models.Index(fields=["school", "user", "-last_at"], name="rag_conversation_mine")]

    def __str__(self) -> str:
        return self.title


class AnswerStatus(models.TextChoices):
    """What became of a question."""

    PENDING = "pending", _("En curso")
    ANSWERED = "answered", _("Respondida")
    QUOTED = "quoted", _("Citada")
    REFUSED = "refused", _("Sin respuesta en los documentos")
    STOPPED = "stopped", _("Detenida")
    FAILED = "failed", _("Falló")


class Message(SchoolModel):
    """A question and its answer."""

    conversation = school_key("rag.Conversation", related_name="messages")
    question = models.TextField()
    standalone_question = models.TextField(blank=True)
    collections = models.JSONField(null=True)  # ids asked for; null: all that the member may see
    at_date = models.DateField(null=True)  # asked as of that day; null: as of the day of the question
    text = models.TextField(blank=True)
    status = models.CharField(max_length=10, choices=AnswerStatus.choices, default=AnswerStatus.PENDING)
    citations = models.JSONField(default=list)  # [{n, document_id, title, place, quote, verified, chunk_id}]
    # {"documents": int, "collections": [names], "closest": […], "set_aside": [{document_id, title, why, instead}]}
    searched = models.JSONField(default=dict)
    # The strictest label of all that the engine was given; empty: from before there were labels, so confidential.
    label = models.CharField(max_length=12, blank=True)
    is_private = models.BooleanField(
        default=False
    )  # the person said that the question may not leave the school
    # By whom the question was made to stand alone: "" (nobody), "engine", "rules", "person".
    rewritten_by = models.CharField(max_length=8, blank=True)
    prompt_version = school_key("rag.PromptVersion", models.SET_NULL, null=True, related_name="messages")
    prompt_values = models.JSONField(default=dict)  # {variable: what the person gave for it}
    engine = models.CharField(max_length=80, blank=True)
    # {"engine", "runs", "reason", "label", "cost_u": int, "currency", "is_partial": bool, "fallback": [engine, …]}
    decision = models.JSONField(default=dict)
    decision_id = models.UUIDField(default=new_id)
    error_code = models.CharField(max_length=60, blank=True)
    stop_asked = models.BooleanField(default=False)
    rating = models.SmallIntegerField(null=True)  # 1 or -1
    comment = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    class Meta(SchoolModel.Meta):
        constraints = [*walled("conversation", "prompt_version")]
        indexes = [models.Index(fields=["school", "conversation", "id"], name="rag_message_thread")]

    def __str__(self) -> str:
        return self.question[:60]

    def collection_ids(self) -> frozenset[UUID] | None:
        """Return the collections that were asked."""
        return None if self.collections is None else frozenset(UUID(each) for each in self.collections)


class Prompt(SchoolModel):
    """An instruction of the school's own that goes with a question; its text stands in its versions."""

    name = models.CharField(max_length=100)
    purpose = models.CharField(max_length=300, blank=True)
    task = models.CharField(max_length=20, default="answer")  # see rag.prompts.TASKS
    is_default = models.BooleanField(
        default=False
    )  # goes with every question of the task, unless another is chosen
    roles = models.JSONField(
        null=True
    )  # who may use it, values of schools.roles.Role; null: everyone who asks
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True)  # answers that were given with it still name it

    class Meta(SchoolModel.Meta):
        constraints = [
            *walled(),
            models.UniqueConstraint(
                "school", Lower("name"), condition=models.Q(deleted_at=None), name="rag_prompt_name_once"
            ),
            models.UniqueConstraint(
                fields=["school", "task"],
                condition=models.Q(is_default=True, deleted_at=None),
                name="rag_prompt_one_default",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PromptVersion(SchoolModel):
    """One text of a prompt. Never changed: another text is another version."""

    prompt = school_key("rag.Prompt", related_name="versions")
    number = models.PositiveIntegerField()  # from 1
    text = models.TextField()  # with {{variables}}
    variables = models.JSONField(default=list)  # [{"name", "label", "default"}]
    note = models.CharField(max_length=300, blank=True)  # what changed, in the author's words
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(SchoolModel.Meta):
        constraints = [
            *walled("prompt"),
            models.UniqueConstraint(fields=["school", "prompt", "number"], name="rag_prompt_version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.prompt_id} v{self.number}"
