"""The small words that the portal's templates share: icons, sizes, times, and form controls in Tabler's classes."""

from __future__ import annotations

import json
import re
from datetime import datetime
from functools import cache

from django import template
from django.forms import BoundField
from django.templatetags.static import static
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

register = template.Library()

ICON_NAME = re.compile(r"^[a-z0-9-]+$")

CONTROL_CLASSES = {
    "checkbox": "form-check-input",
    "select": "form-select",
    "selectmultiple": "form-select",
    "checkboxselectmultiple": "form-check-input",
    "radioselect": "form-check-input",
    "color": "form-control form-control-color",
}


@register.simple_tag
def icon(name: str, label: str = "", css: str = "") -> SafeString:
    """Draw one outline of static/icons.svg; without a label it is decoration and hidden from screen readers."""
    if not ICON_NAME.match(name):
        raise template.TemplateSyntaxError(f"icon: {name!r} is not the name of an icon")
    if not label and not css:
        return _decoration(name)
    address = f"{static('icons.svg')}#i-{name}"
    if label:
        return format_html(
            '<svg class="icon {}" role="img" aria-label="{}"><use href="{}"></use></svg>', css, label, address
        )
    return format_html('<svg class="icon {}" aria-hidden="true"><use href="{}"></use></svg>', css, address)


@cache
def _decoration(name: str) -> SafeString:
    """Return the outline as most stand: a page of the library has five hundred."""
    return format_html(
        '<svg class="icon " aria-hidden="true"><use href="{}"></use></svg>', f"{static('icons.svg')}#i-{name}"
    )


@register.filter
def initials(name: object) -> str:
    """Return one or two capital letters that stand for a person or a school."""
    words = [word for word in re.split(r"[\s@._-]+", str(name or "")) if word and word[0].isalnum()]
    if not words:
        return "?"
    return (words[0][0] + (words[1][0] if len(words) > 1 else "")).upper()


@register.filter
def human_size(size_bytes: float | None) -> str:
    """Return a file size for people: 1,4 MB."""
    if size_bytes is None:
        return ""
    size = float(size_bytes)
    if size < 1000:
        return _("%(n)d bytes") % {"n": int(size)}
    for unit in ("kB", "MB", "GB"):
        size /= 1000
        if size < 999.5 or unit == "GB":
            break
    return f"{formats.number_format(size, decimal_pos=0 if size >= 10 else 1)} {unit}"


@register.filter
def time_ago(moment: datetime | None) -> str:
    """Return how long ago something happened; beyond a week, its date."""
    if moment is None:
        return ""
    elapsed_s = (timezone.now() - moment).total_seconds()
    if elapsed_s < 45:
        return _("recién")
    if elapsed_s < 3600:
        return _("hace %(n)d min") % {"n": max(1, round(elapsed_s / 60))}
    if elapsed_s < 86_400:
        return _("hace %(n)d h") % {"n": round(elapsed_s / 3600)}
    days = round(elapsed_s / 86_400)
    if days <= 7:
        return ngettext("hace %(n)d día", "hace %(n)d días", days) % {"n": days}
    return formats.date_format(timezone.localtime(moment), "j M Y")


@register.filter
def time_left(eta_s: float | None) -> str:
    """Return the time that some work still needs: 40 s, 3 min, 2 h."""
    if eta_s is None:
        return ""
    if eta_s < 60:
        return _("%(n)d s") % {"n": max(1, round(eta_s))}
    if eta_s < 3600:
        return _("%(n)d min") % {"n": round(eta_s / 60)}
    return _("%(n)d h") % {"n": round(eta_s / 3600)}


@register.filter
def percent(share: float | None) -> int:
    """Return a share from 0 to 1 as a whole percentage from 0 to 100."""
    return max(0, min(100, round(float(share or 0) * 100)))


@register.filter
def widget_kind(field: BoundField) -> str:
    """Return the kind of control that a form field draws: text, checkbox, select, textarea, file …"""
    name = type(field.field.widget).__name__.lower()
    if name in CONTROL_CLASSES:
        return name
    return str(getattr(field.field.widget, "input_type", None) or name)


@register.filter
def control(field: BoundField) -> SafeString:
    """Draw the bare control of a form field in Tabler's classes, marked as wrong when it has errors."""
    own = str(field.field.widget.attrs.get("class", ""))
    css = f"{CONTROL_CLASSES.get(widget_kind(field), 'form-control')} {own}".strip()
    if field.errors:
        css += " is-invalid"
    return field.as_widget(attrs={"class": css})


KIND_ICONS = {
    "pdf": "file-type-pdf",
    "docx": "file-type-doc",
    "doc": "file-type-doc",
    "rtf": "file-type-doc",
    "odt": "file-type-doc",
    "xlsx": "file-spreadsheet",
    "xls": "file-spreadsheet",
    "ods": "file-spreadsheet",
    "csv": "file-type-csv",
    "html": "file-type-html",
    "mhtml": "file-type-html",
    "text": "file-type-txt",
    "markdown": "file-type-txt",
    "eml": "mail",
    "msg": "mail",
    "zip": "files",
    "sound": "microphone",
    "video": "video",
}


@register.filter
def kind_icon(kind: str) -> str:
    """Return the name of the icon for a kind of document."""
    return KIND_ICONS.get(kind, "file-text")


@register.filter
def as_json(value: object) -> str:
    """Return a value as JSON for a data- attribute; the template escapes it."""
    return json.dumps(value, separators=(",", ":"))
