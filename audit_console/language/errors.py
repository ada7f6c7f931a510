"""What can be wrong with a query: said with its column, and with a repair."""

from __future__ import annotations


class QuerySyntaxError(ValueError):
    """A query cannot be understood.

    Attributes:
        message: what is wrong and what to do, a sentence for people.
        column: where, counted from 1.
        length: how many characters are meant.
        repair: the whole query put right, if there is an obvious way; else ``None``.
    """

    def __init__(
        self, message: str, column: int, length: int = 1, repair: str | None = None
    ) -> None:
        """Keep the facts for the page; as text they are one sentence."""
        self.message = message
        self.column = column
        self.length = length
        self.repair = repair
        super().__init__(f"Column {column}: {message}")
