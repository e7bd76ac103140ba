"""The kinds of files that are read here: their names, their endings, and the module that parses each."""

from dataclasses import dataclass
from enum import StrEnum


class FileKind(StrEnum):
    PDF = "pdf"
    DOCX = "docx"
    XLSX = "xlsx"
    CSV = "csv"
    HTML = "html"
    TEXT = "text"
    MARKDOWN = "markdown"
    DOC = "doc"
    RTF = "rtf"
    ODT = "odt"
    PPTX = "pptx"
    ODP = "odp"
    XLS = "xls"
    ODS = "ods"
    MHTML = "mhtml"
    EPUB = "epub"
    EML = "eml"
    MSG = "msg"
    ZIP = "zip"
    IMAGE = "image"
    SOUND = "sound"
    VIDEO = "video"


@dataclass(frozen=True, slots=True)
class Format:
    kind: FileKind
    extensions: tuple[str, ...]  # the usual one first
    media_type: str
    module: str  # has `parse(path, progress)`


_OFFICE = "application/vnd.openxmlformats-officedocument"
_OPEN = "application/vnd.oasis.opendocument"
FORMATS = (
    Format(FileKind.PDF, ("pdf",), "application/pdf", "pdf"),
    Format(FileKind.DOCX, ("docx", "docm", "dotx"), f"{_OFFICE}.wordprocessingml.document", "docx"),
    Format(FileKind.DOC, ("doc", "dot"), "application/msword", "word97"),
    Format(FileKind.RTF, ("rtf",), "application/rtf", "word97"),
    Format(FileKind.ODT, ("odt", "ott"), f"{_OPEN}.text", "odt"),
    Format(FileKind.XLSX, ("xlsx", "xlsm", "xltx"), f"{_OFFICE}.spreadsheetml.sheet", "xlsx"),
    Format(FileKind.XLS, ("xls", "xlt"), "application/vnd.ms-excel", "xls"),
    Format(FileKind.ODS, ("ods", "ots"), f"{_OPEN}.spreadsheet", "ods"),
    Format(FileKind.CSV, ("csv", "tsv", "tab"), "text/csv", "csv"),
    Format(FileKind.PPTX, ("pptx", "pptm", "ppsx"), f"{_OFFICE}.presentationml.presentation", "pptx"),
    Format(FileKind.ODP, ("odp", "otp"), f"{_OPEN}.presentation", "odp"),
    Format(FileKind.HTML, ("html", "htm", "xhtml"), "text/html", "html"),
    Format(FileKind.MHTML, ("mhtml", "mht"), "multipart/related", "mhtml"),
    Format(FileKind.TEXT, ("txt", "text"), "text/plain", "text"),
    Format(FileKind.MARKDOWN, ("md", "markdown"), "text/markdown", "markdown"),
    Format(FileKind.EPUB, ("epub",), "application/epub+zip", "epub"),
    Format(FileKind.EML, ("eml",), "message/rfc822", "eml"),
    Format(FileKind.MSG, ("msg",), "application/vnd.ms-outlook", "msg"),
    Format(
        FileKind.IMAGE,
        ("jpg", "jpeg", "png", "tif", "tiff", "heic", "heif", "webp", "bmp", "gif"),
        "application/octet-stream",  # one kind for all of them, and each is a download
        "image",
    ),
    Format(
        FileKind.SOUND,
        ("mp3", "wav", "m4a", "ogg", "oga", "opus", "flac", "aac", "weba"),
        "application/octet-stream",
        "recorded",
    ),
    Format(FileKind.VIDEO, ("mp4", "m4v", "mov", "mkv", "webm"), "application/octet-stream", "recorded"),
    Format(FileKind.ZIP, ("zip",), "application/zip", "archive"),
)

BY_EXTENSION = {extension: found for found in FORMATS for extension in found.extensions}
BY_KIND = {found.kind: found for found in FORMATS}

# What is heard, not read: `transcription` turns it into blocks.
RECORDED = frozenset({FileKind.SOUND, FileKind.VIDEO})


def media_type(kind: FileKind) -> str:
    """Return the media type under which files of a kind are served."""
    return BY_KIND[kind].media_type
