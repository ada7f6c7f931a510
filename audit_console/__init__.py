"""The auditors' console: the name of its package, whose pages are still to come."""

from __future__ import annotations
