"""A piece of housekeeping that comes to nothing, after another thread used the database as well."""

import os
import threading
from pathlib import Path

from django.db import connection

from schools.refusals import Refused


def look() -> None:
    """Raise Refused where the test asks for it; each time is counted in the folder of the gates."""
    folder = Path(os.environ["GATED_FOLDER"])
    if not (folder / "trouble").exists():
        return
    asking = threading.Thread(target=_ask)
    asking.start()
    asking.join()
    with (folder / "troubles").open("a") as file:
        file.write("x")
    raise Refused("la instalación está mal configurada")


def _ask() -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        connection.close()
