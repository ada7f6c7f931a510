"""Addresses of events and aggregates, and texts in which nothing is invisible."""

from __future__ import annotations

import re
from typing import Any

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.text import capfirst

from audit_console import links
from audit_console.conf import console_settings
from audit_console.presenters import documents, summaries
from audit_console.queries.log_events import LogEvent
from audit_console.sight import sight_in
from audit_console.templatetags.audit_console import actor

register = template.Library()

#: What a browser would break after a hyphen or a slash: R-106, 2026/17.
_JOINED = re.compile(r"\S*\w[-/]\w\S*")
#: Longer ids have to be broken somewhere.
_SHORT = 16

register.simple_tag(links.aggregate_url)
register.simple_tag(links.event_url)
register.simple_tag(links.correlation_url)


@register.filter
def visible(value: Any) -> str:
    """Write out what nobody can see, and what turns the order of characters around."""
    return documents.visible(str(value))


@register.filter
def unbroken(text: str) -> SafeString:
    """Keep short ids in one piece: lines end at blanks, not in the middle of R-106."""
    return SafeString(_JOINED.sub(_in_one_piece, escape(text)))


def _in_one_piece(found: re.Match[str]) -> str:
    part = found[0]
    return f'<span class="nowrap">{part}</span>' if len(part) <= _SHORT else part


@register.simple_tag(takes_context=True)
def sentence_of(context: Any, event: LogEvent) -> SafeString:
    """Say what happened, in words, without what this reader may not see."""
    sight = sight_in(context["scope"], event.tenant_id)
    data = None
    if sight.payloads and event.data_text is not None:
        data = sight.mask.apply(event.data, "/data")
    text = summaries.sentence(
        event,
        actor=sight.name_of(event.actor),
        templates=console_settings().SUMMARIES,
        data=data,
    )
    return unbroken(documents.visible(text))


@register.simple_tag(takes_context=True)
def deed_of(context: Any, event: LogEvent) -> str:
    """Say what was done, where a page says anyway to what and by whom."""
    if event.event_type in console_settings().SUMMARIES:
        return sentence_of(context, event)
    deed = summaries.verb_phrase(event.event_type, event.aggregate_type)
    return documents.visible(capfirst(deed))


@register.simple_tag(takes_context=True)
def who(context: Any, event: LogEvent) -> SafeString:
    """Show who caused an event, without what this reader may not see."""
    return actor(sight_in(context["scope"], event.tenant_id).actor(event.actor))
