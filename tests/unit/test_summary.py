import pandas as pd

from mmrisk import summary
from mmrisk.events import State


def test_numbers_of_the_events_stand_in_columns_however_long_a_name_is():
    cohort = pd.DataFrame({event: [State.PRESENT, State.ABSENT, State.NOT_TESTED] for event in summary.SHOWN})
    head, *rows = summary._events(cohort)
    assert len(rows) == len(summary.SHOWN)
    assert {len(row) for row in rows} == {len(head)}
    assert {row[-9:].strip() for row in rows} == {"1"}
