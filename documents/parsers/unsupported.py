"""What is said of a file that nothing here reads: why, and what to do."""

from documents.parsers.base import Refused
from documents.parsers.kinds import BY_EXTENSION, FORMATS

_RECORDINGS = frozenset((
    "mp3", "mp4", "m4a", "m4v", "wav", "ogg", "opus", "oga", "flac", "aac", "wma", "amr", "mov", "avi", "mkv",
    "webm", "3gp", "mpg", "mpeg",
))  # fmt: skip
_HINTS = {
    "ppt": "Guardarlo como .pptx o .pdf y volver a subirlo.",
    "pps": "Guardarlo como .pptx o .pdf y volver a subirlo.",
    "xlsb": "Guardarlo como .xlsx y volver a subirlo.",
    "numbers": "Exportarlo como .xlsx y volver a subirlo.",
    "pages": "Exportarlo como .docx o .pdf y volver a subirlo.",
    "key": "Exportarlo como .pptx o .pdf y volver a subirlo.",
    "rar": "Descomprimirlo y subir los archivos, o un .zip con ellos.",
    "7z": "Descomprimirlo y subir los archivos, o un .zip con ellos.",
} | dict.fromkeys(("odg", "vsd", "vsdx", "pub", "mpp", "ps"), "Guardarlo como .pdf y volver a subirlo.")


def refusal(extension: str) -> Refused:
    """Return the refusal (`lying_type`, `unsupported_type`) of a file with this ending."""
    hint = _HINTS.get(extension)
    if hint is None and extension in BY_EXTENSION:
        return Refused(
            f"El contenido del archivo no corresponde a un archivo .{extension}. Conviene abrirlo, guardarlo otra"
            " vez en su programa y volver a subirlo.",
            code="lying_type",
        )
    if extension in _RECORDINGS:
        hint = "El audio y el video no se leen como documentos."
    usual = ", ".join(found.extensions[0] for found in FORMATS)
    return Refused(
        f"Este tipo de archivo no se puede leer. {hint or f'Se leen archivos {usual}.'}",
        code="unsupported_type",
    )
