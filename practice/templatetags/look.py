"""Template helpers of the look: icons, navigation entries, initials, undo links, hidden ids of a form's errors."""

from typing import Any

from django import template
from django.forms import BoundField, Form
from django.template.context import Context
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

register = template.Library()


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An icon of ``static/img/icons.svg``; decorative unless a label names it."""
    href = f"{static('img/icons.svg')}#{name}"
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}"><use href="{}"></use></svg>',
            label,
            href,
        )
    return format_html('<svg class="icon" aria-hidden="true" focusable="false"><use href="{}"></use></svg>', href)


@register.simple_tag(takes_context=True)
def nav_link(context: Context, view_name: str, label: str, icon_name: str = "") -> SafeString:
    """A navigation entry that knows whether it is the page (``page``) or its section (``true``).

    A page below an entry passes ``section`` with the last part of the entry's view name.
    """
    request = context.get("request")
    match = getattr(request, "resolver_match", None)
    current = ""
    if match and match.view_name == view_name:
        current = "page"
    elif context.get("section") == view_name.rpartition(":")[2]:
        current = "true"
    return format_html(
        '<a class="nav-entry" href="{}"{}>{}<span>{}</span></a>',
        reverse(view_name),
        format_html(' aria-current="{}"', current) if current else "",
        icon(icon_name) if icon_name else "",
        label,
    )


@register.filter
def initials(name: str) -> str:
    """Up to two letters of a name: the first of its first and of its last word."""
    words = str(name).split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


@register.filter
def undo_url(message: Any) -> str:
    """The address in a message's ``extra_tags`` of the form ``undo:/path/``, else an empty string."""
    for tag in (message.extra_tags or "").split():
        if tag.startswith("undo:/"):
            return str(tag.removeprefix("undo:"))
    return ""


@register.filter
def fields_with_errors(form: Form) -> list[BoundField]:
    """The bound fields of a form that have errors, in the form's order."""
    return [field for field in form if field.errors]


@register.filter
def first_input_id(field: BoundField) -> str:
    """The id of a field's first input, for a link to it: a radio group has no input with the field's own id."""
    if field.use_fieldset:
        return next((str(option.id_for_label) for option in field.subwidgets), "") or str(field.auto_id)
    return str(field.id_for_label or field.auto_id)


_BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrom", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    *(("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows")),
    *(("CrOS", "ChromeOS"), ("Mac OS X", "macOS"), ("Linux", "Linux")),
)


@register.filter
def device(user_agent: str) -> str:
    """A browser's own name for itself as people know it, such as “Firefox on Linux”; a guess, so only for a label."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    if browser and system:
        return gettext("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or gettext("Another browser")
