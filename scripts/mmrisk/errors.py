"""What is wrong with a user's file, said in one line per problem: file, row, column, value, remedy."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One problem in one place; `column` is a key where the file is YAML.

    `row` is the line number that a text editor or spreadsheet shows (the header is 1).
    """

    file: str
    message: str
    remedy: str
    row: int | None = None
    column: str | None = None
    value: str | None = None

    def __str__(self) -> str:
        place = self.file
        if self.row is not None:
            place += f", row {self.row}"
        if self.column is not None:
            place += f", {'key' if self.file.endswith(('.yaml', '.yml')) else 'column'} {self.column}"
        value = f" {self.value!r}" if self.value is not None else ""
        return f"{place}:{value} {self.message}; {self.remedy}"


class InputError(Exception):
    """One or more problems with the user's input; never a defect of the program."""

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))
