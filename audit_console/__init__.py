"""The auditors' console: explore the log, follow it, compare, travel in time.

Every look at the log is itself on record. How it is built, and how a page is added:
``docs/explanation/console-architecture.md``.
"""

from __future__ import annotations
