"""The pages, one module for each family of them."""

from __future__ import annotations
