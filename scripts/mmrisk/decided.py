"""The consensus on an event, and the tables of events and conflicts that hold it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pandas as pd

from mmrisk.contracts import CONFLICTS, EVENTS
from mmrisk.events import State
from mmrisk.observations import Observation
from mmrisk.tables import conform, join


@dataclass(frozen=True, slots=True)
class Event:
    """The consensus on one event in one sample."""

    sample_id: str
    event: str
    state: State
    explanation: str
    deciding: tuple[Observation, ...] = ()
    supporting: tuple[Observation, ...] = ()
    contradicting: tuple[Observation, ...] = ()
    flags: tuple[str, ...] = ()

    @property
    def numbers(self) -> Observation | None:
        """The deciding observation whose numbers the event carries: the first with a share, else the first."""
        return next((item for item in self.deciding if item.fraction is not None), next(iter(self.deciding), None))

    @property
    def tier(self) -> str | None:
        """Tier of the deciding evidence."""
        return self.numbers.tier if self.numbers else None


def _ids(items: Iterable[Observation]) -> str | None:
    return join(item.evidence_id for item in items)


def event_frame(decided: Sequence[Event]) -> pd.DataFrame:
    """Events as a table (contract EVENTS)."""
    rows = []
    for event in decided:
        numbers = event.numbers
        rows.append(
            (
                event.sample_id,
                event.event,
                str(event.state),
                *(
                    (numbers.fraction, numbers.fraction_basis or None, numbers.fraction_low, numbers.fraction_high)
                    if numbers
                    else (None, None, None, None)
                ),
                numbers.detection_limit if numbers else None,
                numbers.copies if numbers else None,
                event.tier,
                join(event.flags),
                _ids(event.deciding),
                _ids(event.supporting),
                _ids(event.contradicting),
                event.explanation,
            )
        )
    return conform(pd.DataFrame(rows, columns=EVENTS.names, dtype=object), EVENTS)


def conflict_frame(decided: Sequence[Event]) -> pd.DataFrame:
    """Events with evidence that contradicts them, as a table (contract CONFLICTS)."""
    rows = [
        (
            event.sample_id,
            event.event,
            str(event.state),
            _ids(item for item in _all(event) if item.state in (State.PRESENT, State.SUBTHRESHOLD)),
            _ids(item for item in _all(event) if item.state == State.ABSENT),
            event.explanation,
        )
        for event in decided
        if event.state == State.CONFLICT or event.contradicting
    ]
    return conform(pd.DataFrame(rows, columns=CONFLICTS.names, dtype=object), CONFLICTS)


def _all(event: Event) -> tuple[Observation, ...]:
    return (*event.deciding, *event.supporting, *event.contradicting)
