"""What every part of the API shares of the shapes that programs send and are sent."""

from datetime import UTC
from functools import cache
from typing import Any

from drf_spectacular.utils import inline_serializer
from rest_framework import serializers
from rest_framework.request import Request

from schools.admission import Member
from schools.models import User

ID_MOST = 200  # ids named in one body


class Call(Request):
    """A program's request that was admitted to a school: the type of what the API's views receive."""

    member: Member
    user: User


class Shape(serializers.Serializer[Any]):
    """What is sent or received as one JSON object; described without the word Shape in its name."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        setattr(cls, "Meta", type("Meta", (), {"ref_name": cls.__name__.removesuffix("Shape")}))  # noqa: B010  # not declared

    @property
    def data(self) -> Any:
        """Return what is sent. Fields are made once for all objects: making them costs more than all they do."""
        if self.instance is None or hasattr(self, "initial_data"):
            return super().data
        return _writer(type(self)).to_representation(self.instance)


@cache
def _writer(shape: type[Shape]) -> Shape:
    return shape()


class Problem(Shape):
    """A refusal (RFC 9457). `detail` may be shown to staff; `code` is a stable word for programs."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
    errors = serializers.DictField(  # type: ignore[assignment]  # a field here, taken off the class by DRF
        child=serializers.ListField(child=serializers.CharField()), required=False, help_text="by field"
    )


class Time(serializers.DateTimeField):
    """A moment, in UTC whatever the school's clock says."""

    def __init__(self, **options: Any) -> None:
        super().__init__(default_timezone=UTC, **options)


def ids(**options: Any) -> serializers.ListField:
    """Return a field for a list of ids; unless told otherwise it may be left out, and is not empty when it is there."""
    options = {"required": False, "allow_empty": False, "max_length": ID_MOST, **options}
    return serializers.ListField(child=serializers.UUIDField(), **options)


def read(shape: type[Shape], request: Request, *, partial: bool = False) -> dict[str, Any]:
    """Return the body, checked; raise DRF's ValidationError, one sentence per field."""
    given = shape(data=request.data, partial=partial)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


def read_query(shape: type[Shape], request: Request) -> dict[str, Any]:
    """Return the words after the question mark, checked; raise DRF's ValidationError."""
    given = shape(data=request.query_params)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


def page_of(shape: type[Shape]) -> Any:
    """Return the shape of one page of a list."""
    return inline_serializer(
        name=f"{shape.__name__.removesuffix('Shape')}Page",
        fields={
            "next": serializers.URLField(allow_null=True),
            "previous": serializers.URLField(allow_null=True),
            "results": shape(many=True),
        },
    )
