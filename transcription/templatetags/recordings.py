"""The small words of the recordings' templates."""

from django import template
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def clock(seconds: object) -> str:
    """Return a second of a recording as a player shows it: 0:07, 12:40, 1:02:09; "" for what is no number."""
    if not isinstance(seconds, int | float):
        return ""
    whole = int(seconds)
    minutes = f"{whole % 3600 // 60:02d}" if whole >= 3600 else f"{whole // 60}"
    return (f"{whole // 3600}:" if whole >= 3600 else "") + f"{minutes}:{whole % 60:02d}"


@register.filter
def duration(seconds: object) -> str:
    """Return a length of time in words: 40 s, 12 min, 1 h 5 min; "" for what is no number."""
    if not isinstance(seconds, int | float):
        return ""
    if seconds < 59.5:
        return _("%d s") % max(1, round(seconds))
    minutes = round(seconds / 60)
    if minutes < 60:
        return _("%d min") % minutes
    hours, rest = divmod(minutes, 60)
    return _("%(h)d h %(m)d min") % {"h": hours, "m": rest} if rest else _("%d h") % hours


@register.filter
def unlocalized(number: float) -> str:
    """Return a number as programs read it, whatever the page's language: 12.5."""
    return f"{number:.3f}".rstrip("0").rstrip(".")
