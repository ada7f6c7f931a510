"""The state of an aggregate without its code: the last value of each payload path."""

from __future__ import annotations

from typing import Any

from audit_console.presenters.documents import REDACTED


def merge(state: dict[str, Any], payload: dict[str, Any]) -> dict[str, Any]:
    """Return ``state`` with the values of ``payload`` put over it, path by path.

    Objects are merged key by key; anything else, arrays too, takes the place of what
    was there. A payload that was redacted as a whole says nothing. What is not touched
    is shared with the old state, which stays as it was.
    """
    return state if payload == REDACTED else _merge(state, payload)


def _merge(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    merged = dict(old)
    for key, value in new.items():
        known = merged.get(key)
        if isinstance(value, dict) and value != REDACTED and isinstance(known, dict):
            merged[key] = _merge({} if known == REDACTED else known, value)
        else:
            merged[key] = value
    return merged
