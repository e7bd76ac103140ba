"""The addresses of planillas, their templates and reports, classified as those in urls.py are."""

from tests.tenancy.call import Call

PORTAL: tuple[Call, ...] = ()

API: tuple[Call, ...] = ()
