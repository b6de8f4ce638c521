"""What a table contract is: its columns, their kinds, their bounds."""

from dataclasses import dataclass

DTYPES = {"text": "string", "list": "string", "number": "Float64", "integer": "Int64", "flag": "boolean"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `kind` is text, list (joined by `;`, sorted), number, integer or flag."""

    name: str
    kind: str
    about: str
    required: bool = False
    allowed: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table contract: one row per `key`, sorted by it; missing in TSV is the empty field only."""

    name: str
    about: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def names(self) -> list[str]:
        """Column names in order."""
        return [column.name for column in self.columns]


def share(name: str, about: str) -> Column:
    """A column of shares, 0 to 1."""
    return Column(name, "number", about, low=0.0, high=1.0)
