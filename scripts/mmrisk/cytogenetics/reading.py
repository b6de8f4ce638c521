"""What reading one laboratory string gave: evidence, the string in normal form, and what was not understood."""

from dataclasses import dataclass, replace

from mmrisk.events import Evidence, catalogue


@dataclass(frozen=True, slots=True, order=True)
class Unread:
    """A piece of the text that was not understood: where it starts (0-based), the piece, and why."""

    start: int
    text: str
    reason: str = ""

    def __str__(self) -> str:
        """One entry of the parsed table's list, whose separator `;` the piece itself must not hold."""
        piece = " ".join(self.text.split()).replace(";", ",")
        reason = f" ({self.reason})" if self.reason else ""
        return f"{self.start}:{piece}{reason}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The reading of one text. `events` are all events the text speaks of, in the catalogue's order;
    `repairs` says what was put right before reading.
    """

    evidence: tuple[Evidence, ...] = ()
    normalised: str = ""
    unread: tuple[Unread, ...] = ()
    events: tuple[str, ...] = ()
    repairs: tuple[str, ...] = ()


def moved(reading: Reading, *, by: int) -> Reading:
    """The same reading of a piece of text that starts `by` characters into the whole."""
    if not by or not reading.unread:
        return reading
    unread = tuple(Unread(piece.start + by, piece.text, piece.reason) for piece in reading.unread)
    return replace(reading, unread=unread)


def join_readings(readings: list[Reading], *, separator: str = ".") -> Reading:
    """Readings of consecutive pieces as one reading of the whole."""
    if len(readings) == 1:
        return readings[0]
    return Reading(
        evidence=tuple(item for reading in readings for item in reading.evidence),
        normalised=separator.join(reading.normalised for reading in readings if reading.normalised),
        unread=tuple(sorted(piece for reading in readings for piece in reading.unread)),
        events=in_catalogue_order({event for reading in readings for event in reading.events}),
        repairs=tuple(dict.fromkeys(repair for reading in readings for repair in reading.repairs)),
    )


def in_catalogue_order(events: set[str]) -> tuple[str, ...]:
    """Events in the order in which they are shown."""
    return tuple(event for event in catalogue() if event in events)
