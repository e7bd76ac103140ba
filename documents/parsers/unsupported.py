"""What is said of a file that nothing here reads: why, and what to do."""

from documents.parsers.base import Refused
from documents.parsers.kinds import BY_EXTENSION, FORMATS

_RECORDINGS = frozenset((
    "wma", "wmv", "asf", "amr", "avi", "mpg", "mpeg", "ts", "mts", "3gp", "aif", "aiff", "caf", "flv",
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
        hint = "Convertir la grabación a .mp3, .m4a o .mp4 y volver a subirla."
    usual = ", ".join(found.extensions[0] for found in FORMATS)
    return Refused(
        f"Este tipo de archivo no se puede leer. {hint or f'Se leen archivos {usual}.'}",
        code="unsupported_type",
    )


def playlist() -> Refused:
    """Return the refusal of a list that points at recordings: nothing is fetched from where it points."""
    return Refused(
        "Es una lista que apunta a otros archivos, no una grabación. Subir la grabación misma.",
        code="playlist",
    )
