"""Take the hour of making out of an Office file, so that the same source gives the same bytes."""

from __future__ import annotations

import re
import zipfile
from datetime import date
from pathlib import Path

MODIFIED = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")


def freeze(path: Path, *, day: date) -> None:
    """Rewrite a DOCX or XLSX with every date in it set to the given day."""
    with zipfile.ZipFile(path) as old:
        members = [(name, old.read(name)) for name in old.namelist()]
    stamp = f"{day.isoformat()}T12:00:00Z".encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as new:
        for name, content in members:
            if name == "docProps/core.xml":
                content = MODIFIED.sub(rb"\g<1>" + stamp, content)
            entry = zipfile.ZipInfo(name, date_time=(day.year, day.month, day.day, 12, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, content)
