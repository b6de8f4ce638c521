"""Single cells as people write them: numbers, dates, yes and no, paths; or what is wrong and the remedy."""

import datetime
import re
from pathlib import Path

MISSING_WORDS = frozenset({"", "na", "n/a", "nan", "none", "null", "."})
YES = frozenset({"yes", "true", "1", "y"})
NO = frozenset({"no", "false", "0", "n"})
EXCEL_SERIALS = (36526, 60000)
"""Day numbers of the years 2000 to 2064 in a spreadsheet."""


class FieldError(Exception):
    """A cell that cannot be understood: what is wrong, and the remedy."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.message, self.remedy = message, remedy


def parse_flag(text: str) -> bool:
    """Yes or no in the usual spellings."""
    if text.lower() in YES | NO:
        return text.lower() in YES
    raise FieldError("is neither yes nor no", "write yes or no")


def parse_number(text: str) -> float:
    """A number as people write it; dates that a spreadsheet made of numbers and ambiguous commas are named."""
    if looks_like_date(text):
        raise FieldError("looks like a date that a spreadsheet made of a number", "format the column as text")
    if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", text):
        raise FieldError("has a comma that may group thousands or mark decimals", "write the number without commas")
    plain = text.replace(",", ".") if re.fullmatch(r"[+-]?\d*,\d+", text) else text
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,2})?", plain):
        raise FieldError("is not a number", "give a plain number, without unit or words")
    return float(plain)


def looks_like_date(text: str) -> bool:
    """Whether a spreadsheet shows a date here (`5-Mar`, `05. Mrz`, `2024-03-05`, `05.03.2024`, `Mar-05`)."""
    month = "jan|feb|mar|mär|mrz|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez"
    pattern = rf"\d{{1,2}}(?:[-/ ]|\. ?)({month})[a-zä]*([-/ ]\d{{2,4}})?|({month})[a-z]*[-/ ]\d{{1,4}}|\d{{4}}[-/]\d{{1,2}}[-/]\d{{1,2}}([ T].*)?|\d{{1,2}}[./]\d{{1,2}}[./]\d{{2,4}}"  # noqa: E501
    return re.fullmatch(pattern, text, re.IGNORECASE) is not None


def parse_date(text: str) -> str:
    """An ISO date; other unambiguous forms are turned into it, ambiguous ones and spreadsheet serials are named."""
    remedy = "write YYYY-MM-DD"
    if re.fullmatch(r"\d{5}(\.0)?", text):
        meant = datetime.date(1899, 12, 30) + datetime.timedelta(days=int(text[:5]))
        raise FieldError(f"looks like a spreadsheet's serial number for {meant.isoformat()}", remedy)
    match = re.fullmatch(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[ T]00:00(?::00)?)?", text)
    if match:
        year, month, day = map(int, match.groups())
    elif match := re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", text):
        day, month, year = map(int, match.groups())
    else:
        raise FieldError("is not an unambiguous date", remedy)
    try:
        return datetime.date(year, month, day).isoformat()
    except ValueError:
        raise FieldError("is not a day of the calendar", remedy) from None


def parse_path(text: str, folder: Path) -> Path:
    """A path that exists, relative ones from the sheet's folder; URLs are refused."""
    if re.match(r"^[A-Za-z][A-Za-z0-9+.-]+:/", text):
        raise FieldError("is a URL", "download the file and give its path")
    path = folder / Path(text).expanduser()
    if path.is_dir():
        raise FieldError("is a folder, not a file", "name the file in it")
    if not path.is_file():
        where = "" if Path(text).is_absolute() else f" in {folder}"
        raise FieldError(f"does not exist{where}", "check the path; a relative one starts at the sheet")
    return path
