"""The ASGI application: refuses to serve from a database that would not keep schools apart."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_asgi_application()


def _check() -> None:
    from django.db import connections

    from schools.guard import refuse_unsafe_database

    refuse_unsafe_database()
    connections.close_all()


_check()
