"""Opens schools in the database that the environment names: run by the browser tests as a program of its own.

Reads from standard input {"schools": [{"slug", "name", "email", "director"}], "administrator": email, "password": …}.
"""

import json
import sys

import django


def main() -> None:
    """Open what is asked for."""
    django.setup()
    from documents import collections
    from schools import people
    from schools.admission import as_member
    from schools.models import Membership, User

    asked = json.load(sys.stdin)
    for school in asked["schools"]:
        opened, director = people.open_school(
            slug=school["slug"],
            name=school["name"],
            director_email=school["email"],
            director_name=school["director"],
            password=asked["password"],
        )
        if rows := school.get("rows", 0):
            membership = Membership.objects.select_related("school").get(school=opened, user=director)
            member = as_member(membership)
            _fill(collections.visible(member)[0], member, rows)
    User.objects.create_superuser(asked["administrator"], asked["password"], name="Administración")


def _fill(shelf, member, count: int) -> None:  # type: ignore[no-untyped-def]  # models come after django.setup
    """Put rows of every state on a shelf, without files: only to be looked at in lists."""
    from documents.models import Document
    from schools.scope import school_scope

    with school_scope(member.school_id):
        for number in range(count):
            status = {0: "failed", 1: "partial", 2: "processing"}.get(number % 23, "ready")
            long = (
                "de la comisión de seguimiento del proyecto institucional de articulación entre niveles " * 2
            )
            title = f"Acta {number + 1} {long if number % 7 == 0 else 'de reunión de personal'}"
            Document.objects.create(
                collection=shelf,
                title=title.strip()[:300],
                filename=f"{'Acta_de_reunion_sin_ningun_espacio_' * 3 if number % 7 == 1 else 'acta-'}{number}.pdf",
                format=("pdf", "docx", "xlsx", "csv", "html", "markdown", "text")[number % 7],
                sha256=f"{number:064x}",
                size_bytes=1_000 * 3 ** (number % 12),
                status=status,
                error_code="damaged" if status == "failed" else "",
                error_detail="El archivo está dañado: no se pudo abrir." if status == "failed" else "",
                unreadable=[{"place": None, "reason": "Página escaneada sin texto.", "code": "scan"}]
                if status == "partial"
                else [],
                uploaded_by_id=member.user_id,
            )


if __name__ == "__main__":
    main()
