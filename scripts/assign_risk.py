"""Assign every risk system's label from events and the clinical sheet: labels, what is open, and what would decide."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mmrisk import cli
from mmrisk.events import DEFAULT_PROFILE, cutoff_profiles

if TYPE_CHECKING:
    import pandas as pd

    from mmrisk.risk.patients import Patients


def arguments() -> argparse.ArgumentParser:
    """Flags of this command."""
    made = cli.parser(__doc__ or "")
    made.add_argument("--events", type=Path, help="events table (TSV or Parquet); the Parquet twin is read where it is")
    made.add_argument("--clinical", type=Path, help="clinical sheet (TSV or CSV), one row per sample")
    made.add_argument("--columns", type=Path, help="column map for a clinical sheet with columns of its own")
    made.add_argument("--out", type=Path, required=True, help="risk table: a row per sample and system")
    made.add_argument("--labels", type=Path, help="labels table: one wide row per sample")
    made.add_argument("--to-order", type=Path, help="the test that would decide most, per sample")
    made.add_argument("--m-protein", type=Path, help="type of the M-protein and oriented free light chain ratio")
    made.add_argument("--organ-damage", type=Path, help="what drives anaemia and kidney failure")
    made.add_argument("--samples", type=Path, help="samples sheet: time points, and samples of one patient over time")
    made.add_argument("--changes", type=Path, help="labels that changed between samples of a patient")
    made.add_argument("--trajectory", type=Path, help="laboratory values that move towards progression")
    made.add_argument("--profile", choices=cutoff_profiles(), default=DEFAULT_PROFILE, help="cut-offs of the events")
    made.add_argument("--allow-inferred", action="store_true", help="let events inferred from RNA decide")
    made.add_argument("--include-unverified", action="store_true", help="also systems whose rule was not confirmed")
    return made


def main(options: argparse.Namespace) -> None:
    """Read, assign, write."""
    from mmrisk.clinical import read_clinical
    from mmrisk.cohort import SAMPLES, read_records
    from mmrisk.contracts import RISK, TO_ORDER
    from mmrisk.errors import InputError, Problem
    from mmrisk.risk.assign import assign, labels_frame, labels_table, risk_frame, to_order_frame
    from mmrisk.risk.engine import NOT_APPLICABLE, NOT_EVALUABLE
    from mmrisk.risk.monoclonal import M_PROTEIN, m_protein_frame
    from mmrisk.risk.organ_damage import ORGAN_DAMAGE, organ_damage_frame
    from mmrisk.risk.patients import join_patients, read_events
    from mmrisk.risk.systems import needed_events, selected
    from mmrisk.tables import write_table

    if options.events is None and options.clinical is None:
        raise InputError(Problem(file="command line", message="gives no input", remedy="add --events or --clinical"))
    systems = selected(include_unverified=options.include_unverified)
    patients = join_patients(
        read_events(options.events, needed_events(systems)) if options.events else None,
        read_clinical(options.clinical, columns=options.columns) if options.clinical else None,
        profile=options.profile,
        allow_inferred=options.allow_inferred,
        samples=[sample.values for sample in read_records(options.samples, SAMPLES)] if options.samples else (),
    )
    assigned, made_by = assign(patients, systems), {"profile": options.profile}
    ids = patients.sample_ids
    risk = risk_frame(assigned, ids)
    write_table(risk, RISK, options.out, made_by=made_by)
    if options.labels:
        write_table(labels_frame(assigned, ids), labels_table(systems), options.labels, made_by=made_by)
    if options.to_order:
        write_table(to_order_frame(assigned, ids), TO_ORDER, options.to_order, made_by=made_by)
    if options.m_protein:
        write_table(m_protein_frame(patients), M_PROTEIN, options.m_protein)
    if options.organ_damage:
        write_table(organ_damage_frame(patients), ORGAN_DAMAGE, options.organ_damage)
    if options.changes or options.trajectory:
        write_serial(options, risk, patients)
    settled = int((~risk["label"].isin([NOT_EVALUABLE, NOT_APPLICABLE])).sum())
    cli.log.info(
        "%d samples, %d systems: %d labels settled of %d in %s", len(ids), len(systems), settled, len(risk), options.out
    )


def write_serial(options: argparse.Namespace, risk: "pd.DataFrame", patients: "Patients") -> None:
    """Compare samples of one patient over time."""
    import pandas as pd

    from mmrisk.cohort import SAMPLES, read_records
    from mmrisk.errors import InputError, Problem
    from mmrisk.risk.serial import LABEL_CHANGES, TRAJECTORY, label_changes_frame, trajectory_frame
    from mmrisk.tables import write_table

    if options.samples is None:
        raise InputError(
            Problem(file="command line", message="names no samples sheet", remedy="add --samples for patients and days")
        )
    records = read_records(options.samples, SAMPLES)
    samples = pd.DataFrame([dict(record.values) for record in records], columns=SAMPLES.names)
    if options.changes:
        write_table(label_changes_frame(risk, samples), LABEL_CHANGES, options.changes)
    if options.trajectory:
        write_table(trajectory_frame(patients, samples), TRAJECTORY, options.trajectory)


def run(argv: Sequence[str] | None = None) -> int:
    """Run the command."""
    return cli.run(arguments(), main, argv)


if __name__ == "__main__":
    cli.check_package_beside(__file__)
    sys.exit(run())
