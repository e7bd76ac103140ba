"""A filled DOCX, XLSX or ODS as PDF, by LibreOffice: without network, in a process of its own with limits."""

import tempfile
from pathlib import Path

from django.utils.translation import gettext as _

from documents.parsers import word97
from documents.parsers.base import Unparsable
from planillas.own_files.recognised import FORMATS, NotFillable


def convert(content: bytes, format: str, *, search_path: str | None = None) -> bytes:
    """Return a file as PDF; raise NotFillable where there is no LibreOffice, or it cannot."""
    if format not in FORMATS:
        raise ValueError(f"not a format of ours: {format}")
    with tempfile.TemporaryDirectory(prefix="planilla-pdf-") as name:
        folder = Path(name)
        source = folder / f"source.{format}"
        source.write_bytes(content)
        try:
            made = word97.converted(source, folder, to="pdf", search_path=search_path)
        except Unparsable as error:
            raise _refused(error) from error
        if made is None:
            raise NotFillable(
                _(
                    "LibreOffice no pudo pasar el archivo a PDF. Descargarlo en su formato y exportarlo desde ahí."
                ),
                code="not_converted",
                field=None,
            )
        return made.read_bytes()


def _refused(error: Unparsable) -> NotFillable:
    if error.code == "converter_missing":
        return NotFillable(
            _(
                "Para el PDF hace falta LibreOffice, que no está instalado en el servidor: pedir que instalen el "
                "paquete libreoffice-writer-nogui (para planillas, libreoffice-calc-nogui), o descargar el archivo "
                "en su formato."
            ),
            code="converter_missing",
            field=None,
        )
    return NotFillable(
        _("La conversión a PDF tardó demasiado y se detuvo. Descargar el archivo en su formato."),
        code="conversion_timeout",
        field=None,
    )
