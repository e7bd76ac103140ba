"""A planilla put into the file that it is a template of."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from documents.parsers.base import Unparsable
from planillas.exports.sheet import Sheet
from planillas.own_files import docx_filling, ods_filling, xlsx_filling
from planillas.own_files.package import Package
from planillas.own_files.recognised import NotFillable

_FILL = {"xlsx": xlsx_filling.fill, "ods": ods_filling.fill, "docx": docx_filling.fill}


def fill(content: bytes, layout: Mapping[str, Any], sheet: Sheet) -> bytes:
    """Return the file with the planilla in it; raise NotFillable where file and layout do not belong together."""
    with Package(content) as package:
        try:
            _FILL[layout["format"]](package, layout, sheet)
        except (Unparsable, KeyError, IndexError, ValueError) as error:
            raise NotFillable(
                _("El archivo de la plantilla no se puede completar. Volver a subirlo en la plantilla."),
                code="layout_lost",
                field=None,
            ) from error
        return package.pack()
