"""Reports and their charts by typst: our own markup, and texts that reach it as data, so that nothing is obeyed."""

import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from transcription.exports import typeset

_HERE = Path(__file__).parent
_SHARED = Path(typeset.__file__).parent


def compiled(
    template: str,
    data: dict[str, Any],
    *,
    to: Literal["pdf", "svg", "png"],
    addresses: Sequence[Mapping[str, str]] = (),
    pixels_per_inch: int = 200,
) -> bytes:
    """Return a template beside this file as a PDF or a picture; it can read our templates and what it is given.

    `addresses`: what links lead to, which are not text and get no places to break.
    """
    import typst  # heavy, and only who wants a picture or a PDF pays for it

    given = {**typeset.breakable(data), "addresses": [dict(each) for each in addresses]}
    with tempfile.TemporaryDirectory(prefix="preceptor-report-") as directory:
        root = Path(directory)
        for file in (_SHARED / "page.typ", _HERE / "chart.typ", _HERE / template):
            shutil.copyfile(file, root / file.name)
        made = typst.compile(
            str(root / template),
            root=directory,
            format=to,
            ppi=float(pixels_per_inch),
            sys_inputs={"data": json.dumps(given, ensure_ascii=False)},
            # Packages would be looked for elsewhere; there are none.
            package_path=directory,
            package_cache_path=directory,
        )
    assert isinstance(made, bytes)
    return made
