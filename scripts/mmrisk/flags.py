"""Values of command-line flags; argparse names the function when a value is refused."""

import re


def share(text: str) -> float:
    """A share above 0 and up to 1."""
    value = float(text)
    if not 0 < value <= 1:
        raise ValueError(text)
    return value


def chunk(text: str) -> tuple[int, int]:
    """`K/N` with K from 0 to N - 1."""
    match = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text)
    if not match or not int(match[1]) < int(match[2]):
        raise ValueError(text)
    return int(match[1]), int(match[2])
