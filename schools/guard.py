"""The refusal to serve from a database that would not keep schools apart."""

from django.apps import apps
from django.db import connection

from schools.tenancy import SchoolModel

# As Postgres writes down the policy of schools.wall.
_POLICY = "(school_id = (current_setting('app.school_id'::text))::uuid)"


class UnsafeDatabase(RuntimeError):
    """The database would serve rows across schools: the server refuses to start."""


class PooledConnection(RuntimeError):
    """What must last for a whole connection would go by one that several programs share."""


def tenant_models() -> list[type[SchoolModel]]:
    """Return every model that belongs to a school."""
    return [model for model in apps.get_models() if issubclass(model, SchoolModel)]


def refuse_unsafe_database() -> None:
    """Raise UnsafeDatabase unless the serving role and every tenant table keep schools apart."""
    with connection.cursor() as cursor:
        # Membership counts too: such a role could be taken on by SET ROLE.
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_roles WHERE (rolsuper OR rolbypassrls) "
            "AND pg_has_role(current_user, oid, 'MEMBER'))"
        )
        if cursor.fetchone() != (False,):
            raise UnsafeDatabase(
                "DATABASE_URL names a role that ignores row-level security (superuser or BYPASSRLS). "
                "Serve as the role `app` of deploy/postgres/roles.sql."
            )
        cursor.execute(
            """
            SELECT c.relname FROM pg_class c
            WHERE c.relkind IN ('r', 'p') AND c.relrowsecurity AND c.relforcerowsecurity
              AND NOT pg_has_role(current_user, c.relowner, 'MEMBER')
              AND EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid AND p.polcmd = '*' AND p.polpermissive)
              AND NOT EXISTS (
                SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid
                  AND (pg_get_expr(p.polqual, p.polrelid) IS DISTINCT FROM %(policy)s
                    OR pg_get_expr(p.polwithcheck, p.polrelid) IS DISTINCT FROM %(policy)s))
            """,
            {"policy": _POLICY},
        )
        walled = {name for (name,) in cursor.fetchall()}
        cursor.execute("SELECT coalesce(current_setting('app.school_id', true), '')")
        if cursor.fetchone() != ("",):
            raise UnsafeDatabase(
                "every connection begins with a school already named (app.school_id): take it out of DATABASE_URL "
                "and of the settings of role and database (ALTER ROLE … RESET, ALTER DATABASE … RESET)."
            )
    open_tables = sorted({model._meta.db_table for model in tenant_models()} - walled)
    if open_tables:
        raise UnsafeDatabase(f"tables without a closed wall between schools: {', '.join(open_tables)}")


def refuse_pooler() -> None:
    """Raise PooledConnection where somebody between us and Postgres lends its connections by the transaction.

    Whoever asks for a session's lock there would lock a connection that is another program's in the next moment.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        # A pooler tells its clients a number of its own.
        if cursor.fetchone() != (connection.connection.info.backend_pid,):
            raise PooledConnection(
                "DATABASE_URL leads through a pooler, and the scheduler's lock belongs to one connection: "
                "say the address of Postgres itself in DATABASE_DIRECT_URL."
            )
