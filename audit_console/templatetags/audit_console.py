"""Tags and filters: times with their zone, actors, badges, icons, addresses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django import template
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from audit_console import locales
from audit_console.conf import console_settings
from audit_console.presenters import acts, dates
from audit_console.presenters.documents import visible

register = template.Library()

#: Where a compound name may be broken.
_SEAMS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[._/-])(?=.)")

#: Glyph, style and name of each kind of actor: never told apart by colour alone.
_ACTORS = {
    "user": ("●", "user"),
    "service": ("◆", "service"),
    "system": ("■", "system"),
    "migration": ("■", "system"),
    "admin": ("▲", "admin"),
    "impersonation": ("▲", "admin"),
    "auditor": ("◐", "auditor"),
}


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw ``#i-<name>`` of ``layout/_icons.html``; decoration beside a text."""
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false">'
        '<use href="#i-{}"></use></svg>',
        name,
    )


@register.simple_tag
def moment(value: datetime | None, precision: str = "seconds") -> SafeString | str:
    """Show a time in the reader's zone with its offset; UTC in the attribute.

    Args:
        value: aware, or ``None`` for nothing.
        precision: ``minutes``, ``seconds``, ``milliseconds`` or ``microseconds``.
    """
    if value is None:
        return ""
    local = timezone.localtime(value)
    clock = local.replace(tzinfo=None).time().isoformat(precision)
    exact = value.astimezone(UTC).isoformat(timespec="microseconds")
    return SafeString(
        f'<time datetime="{exact}" title="{exact[:10]} {exact[11:26]} UTC">'
        f'{escape(dates.digits(local))} <span class="clock">{clock}</span>'
        f' <span class="offset">{_offset(local)}</span></time>'
    )


@register.filter
def number(value: int | None) -> str:
    """Group the digits of a count as the reader's language does."""
    return "" if value is None else number_format(value, force_grouping=True)


@register.filter
def breakable(name: str) -> SafeString:
    """Let a long name break between its words: Release|Build|Tested."""
    # There is no seam inside of what is escaped: &amp; has none.
    return SafeString(_SEAMS.sub("<wbr>", escape(name)))


@register.filter
def act(code: str) -> str:
    """Say what somebody did who used the console."""
    return acts.act(code)


@register.filter
def outcome(code: str) -> str:
    """Say how that ended."""
    return acts.outcome(code)


@register.filter
def purpose(code: str) -> str:
    """Say why somebody read, in the words of the settings."""
    return str(console_settings().PURPOSES.get(code, code))


@register.filter
def day(value: date) -> str:
    """Write a day in digits."""
    return dates.digits(value)


@register.filter
def signed(value: int) -> str:
    """Write a change with its sign, the minus as long as the plus."""
    return f"{'+' if value > 0 else '−'}{number(abs(value))}"  # noqa: RUF001 - a minus


@register.simple_tag
def actor(who: Any) -> SafeString:
    """Show an actor, ``{"type", "id", "name"?}``, with the glyph of its kind."""
    known = who if isinstance(who, Mapping) else {}
    kind = str(known.get("type") or "")
    glyph, style = _ACTORS.get(kind, ("○", "unknown"))
    kind = visible(kind) or _("unknown")
    identity = known.get("id")
    behalf = visible(str(known.get("on_behalf_of") or ""))
    return format_html(
        '<span class="actor {}" title="{} {}"><span class="glyph" aria-hidden="true">{}'
        '</span><span class="sr-only">{}</span> {}{}</span>',
        style,
        kind,
        "" if identity is None else visible(str(identity)),
        glyph,
        kind,
        visible(str(known.get("name") or identity or _("nobody named"))),
        format_html(' <span class="quiet">({})</span>', behalf) if behalf else "",
    )


@register.simple_tag
def badge(text: str, kind: str = "", symbol: str = "") -> SafeString:
    """Show a mark: text in a frame, coloured by ``kind`` (good, warn, bad, info)."""
    drawn = icon(symbol) if symbol else ""
    return format_html('<span class="badge {}">{}{}</span>', kind, drawn, text)


@register.inclusion_tag("audit_console/layout/_languages.html", takes_context=True)
def language_choice(context: Any) -> dict[str, Any]:
    """Show the languages to choose from, each in its own words."""
    return {
        "languages": locales.offered(),
        "LANGUAGE_CODE": get_language(),
        "request": context["request"],
        "csrf_token": context.get("csrf_token"),
    }


@register.simple_tag
def query_of(address: str, **changes: Any) -> str:
    """Return ``address`` with parameters set; ``None`` and "" remove one."""
    path, _mark, query = address.partition("?")
    kept = [
        pair
        for pair in parse_qsl(query, keep_blank_values=True)
        if pair[0] not in changes
    ]
    added = [(key, value) for key, value in changes.items() if value not in {None, ""}]
    text = urlencode([*kept, *added])
    return f"{path}?{text}" if text else path


@register.simple_tag
def without(address: str, *names: str) -> str:
    """Return ``address`` without the parameters ``names``."""
    return query_of(address, **dict.fromkeys(names))


def _offset(local: datetime) -> str:
    text = local.strftime("%z")
    return f"{text[:3]}:{text[3:5]}"
