"""PDF by typst: our own markup, and texts that reach it as data, so that nothing somebody said is ever obeyed."""

import json
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent
_LONG = re.compile(r"\S{31,}")  # an address, or a word that never ends: it may break anywhere
_PIECE = re.compile(r"\S{1,20}")


def typeset(template: str, data: dict[str, Any]) -> bytes:
    """Return the PDF of a template beside this file. It can read that template and what it is given, no other file."""
    import typst  # heavy, and only who wants a PDF pays for it

    with tempfile.TemporaryDirectory(prefix="preceptor-pdf-") as directory:
        root = Path(directory)
        for name in ("page.typ", template):
            shutil.copyfile(_HERE / name, root / name)
        pdf = typst.compile(
            str(root / template),
            root=directory,
            format="pdf",
            sys_inputs={"data": json.dumps(breakable(data), ensure_ascii=False)},
            # Packages would be looked for elsewhere; there are none.
            package_path=directory,
            package_cache_path=directory,
        )
    assert isinstance(pdf, bytes)
    return pdf


def breakable(data: Any) -> Any:
    """Return the data with places to break in what would run over the edge of the paper."""
    if isinstance(data, str):
        return _LONG.sub(lambda found: "\u200b".join(_PIECE.findall(found[0])), data)
    if isinstance(data, dict):
        return {key: breakable(value) for key, value in data.items()}
    return [breakable(each) for each in data] if isinstance(data, list | tuple) else data
