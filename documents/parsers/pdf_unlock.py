"""A PDF without its password."""

import io
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium

from documents.parsers.base import Broken, Encrypted


def without_password(path: Path, password: str) -> bytes:
    """Return a PDF as it is once the password has opened it; raise Encrypted or Broken. Only in a confined child."""
    try:
        pdf = pypdfium2.PdfDocument(path, password=password)
    except pypdfium2.PdfiumError as error:
        if error.err_code == pdfium.FPDF_ERR_PASSWORD:
            raise Encrypted("La contraseña no abre el documento.", code="wrong_password") from None
        raise Broken("El PDF está dañado o incompleto y no se puede abrir.", code="broken_pdf") from None
    copy = io.BytesIO()
    pdf.save(copy, flags=pdfium.FPDF_REMOVE_SECURITY)
    return copy.getvalue()
