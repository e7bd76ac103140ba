"""The wall between schools, as Postgres keeps it: row-level security and keys that cannot cross.

Both are constraints of Django's kind, so that `makemigrations` writes them beside the table they guard.
"""

from typing import Any

from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.backends.ddl_references import Statement, Table
from django.db.models import BaseConstraint, Model

# Errs when no school was named: the setting is then unknown, or empty after an earlier SET LOCAL; neither is a UUID.
_POLICY = "school_id = current_setting('app.school_id')::uuid"


class _SchemaConstraint(BaseConstraint):
    """A constraint that is pure SQL beside the table and checks nothing in Python."""

    def constraint_sql(
        self, model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor | None
    ) -> str:
        assert model is not None and schema_editor is not None
        schema_editor.deferred_sql.append(self.create_sql(model, schema_editor))
        return ""

    def validate(self, *args: Any, **kwargs: Any) -> None:
        """Leave the checking to Postgres."""

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self.deconstruct() == other.deconstruct()

    def __hash__(self) -> int:
        return hash((type(self), self.name))


class Wall(_SchemaConstraint):
    """Forced row-level security on a tenant table: rows of the named school only, an error when none is named."""

    def create_sql(self, model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor | None) -> Any:
        assert model is not None and schema_editor is not None
        return Statement(
            "ALTER TABLE %(table)s ENABLE ROW LEVEL SECURITY; ALTER TABLE %(table)s FORCE ROW LEVEL SECURITY; "
            "CREATE POLICY %(name)s ON %(table)s USING (%(policy)s) WITH CHECK (%(policy)s)",
            table=Table(model._meta.db_table, schema_editor.quote_name),
            name=schema_editor.quote_name(self.name),
            policy=_POLICY,
        )

    def remove_sql(self, model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor | None) -> Any:
        assert model is not None and schema_editor is not None
        return Statement(
            "DROP POLICY %(name)s ON %(table)s",
            table=Table(model._meta.db_table, schema_editor.quote_name),
            name=schema_editor.quote_name(self.name),
        )


class SameSchool(_SchemaConstraint):
    """A foreign key on (school, id): a row cannot point into another school.

    Row-level security does not hold for foreign keys, which Postgres checks as the table's owner.
    """

    def __init__(self, *, field: str, name: str) -> None:
        super().__init__(name=name)
        self.field = field

    def deconstruct(self) -> tuple[str, tuple[Any, ...], dict[str, Any]]:
        path, _, kwargs = super().deconstruct()
        return path, (), {**kwargs, "field": self.field}

    def create_sql(self, model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor | None) -> Any:
        assert model is not None and schema_editor is not None
        field = model._meta.get_field(self.field)
        target = field.related_model
        assert isinstance(field, models.ForeignKey) and target is not None and not isinstance(target, str)
        return Statement(
            "ALTER TABLE %(table)s ADD CONSTRAINT %(name)s FOREIGN KEY (school_id, %(column)s) "
            "REFERENCES %(target)s (school_id, id) DEFERRABLE INITIALLY DEFERRED",
            table=Table(model._meta.db_table, schema_editor.quote_name),
            name=schema_editor.quote_name(self.name),
            column=schema_editor.quote_name(field.column),
            target=Table(target._meta.db_table, schema_editor.quote_name),
        )

    def remove_sql(self, model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor | None) -> Any:
        assert model is not None and schema_editor is not None
        return Statement(
            "ALTER TABLE %(table)s DROP CONSTRAINT %(name)s",
            table=Table(model._meta.db_table, schema_editor.quote_name),
            name=schema_editor.quote_name(self.name),
        )


def walled(*keys: str) -> list[BaseConstraint]:
    """Return the constraints of a tenant table: its wall, its (school, id) key, and one same-school key per field."""
    return [
        Wall(name="%(app_label)s_%(class)s_wall"),
        models.UniqueConstraint(fields=["school", "id"], name="%(app_label)s_%(class)s_school_id"),
        *(SameSchool(field=key, name=f"%(app_label)s_%(class)s_{key}_same_school") for key in keys),
    ]
