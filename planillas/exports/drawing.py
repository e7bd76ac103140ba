"""A chart as a picture: lines that stay sharp for the screen and paper, dots for a word processor."""

from collections.abc import Mapping
from typing import Any

from planillas.exports.typesetting import compiled

SVG = "image/svg+xml"
NOTHING = b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'
# Told apart by their lightness too, as a grey printer shows them.
_FILLS = {
    "light": ("#14594c", "#e0a526", "#2f7fb8", "#8f2d24", "#8fbf9f", "#5b4a86", "#c9743a", "#3d4a47"),
    "dark": ("#5fb8a3", "#ffc93c", "#8cc3ec", "#f4978d", "#c9e4d2", "#b7a5e6", "#f0a673", "#a3b3ad"),
}
LIGHT: Mapping[str, Any] = {
    "ink": "#1c2a27",
    "quiet": "#54635e",
    "rule": "#dedcd2",
    "paper": "#ffffff",
    "fills": _FILLS["light"],
}
DARK: Mapping[str, Any] = {
    "ink": "#e6ece9",
    "quiet": "#a3b3ad",
    "rule": "#3a4743",
    "paper": "#1a2421",
    "fills": _FILLS["dark"],
}


def svg(made: Mapping[str, Any], shape: str, *, is_dark: bool = False) -> bytes:
    """Return a chart for the screen, without a ground of its own. `made`: as planillas.drawn keeps it."""
    look = DARK if is_dark else LIGHT
    return compiled("drawing.typ", _data(made, shape, look, is_opaque=False), to="svg")


def png(made: Mapping[str, Any], shape: str) -> bytes:
    """Return a chart for a word processor."""
    return compiled("drawing.typ", _data(made, shape, LIGHT, is_opaque=True), to="png")


def data_of(made: Mapping[str, Any], shape: str) -> dict[str, Any]:
    """Return what chart.typ draws."""
    return {"shape": shape, **{name: list(made.get(name, ())) for name in ("labels", "values", "shown")}}


def _data(made: Mapping[str, Any], shape: str, look: Mapping[str, Any], *, is_opaque: bool) -> dict[str, Any]:
    return {"chart": data_of(made, shape), "look": dict(look), "is_opaque": is_opaque}
