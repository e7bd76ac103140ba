"""`manage.py create_school`: a school with its director."""

import getpass
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from schools import people


class Command(BaseCommand):
    """Make a school and its director."""

    help = "Crea una escuela con su directora o director."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("--slug", required=True, help="la dirección de la escuela en el portal: /e/SLUG/")
        parser.add_argument("--name", required=True)
        parser.add_argument("--director-email", required=True)
        parser.add_argument("--director-name", default="")
        parser.add_argument("--time-zone", default="")
        parser.add_argument(
            "--password-stdin", action="store_true", help="lee la contraseña de la entrada estándar"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the school; say what is wrong otherwise."""
        if options["password_stdin"]:
            password = sys.stdin.readline().rstrip("\r\n")
        else:
            password = getpass.getpass("Contraseña de la dirección: ")
        try:
            school, user = people.open_school(
                slug=options["slug"],
                name=options["name"],
                director_email=options["director_email"],
                director_name=options["director_name"],
                password=password,
                time_zone=options["time_zone"],
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(f"Escuela «{school.name}» lista en /e/{school.slug}/ para {user.email}.")
