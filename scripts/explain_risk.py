"""Explain the risk labels of one sample in plain language: from the tables, or straight from labs and events."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from mmrisk import cli
from mmrisk.events import DEFAULT_PROFILE, cutoff_profiles


def arguments() -> argparse.ArgumentParser:
    """Flags of this command."""
    made = cli.parser(__doc__ or "")
    tables = made.add_argument_group("from tables")
    tables.add_argument("--risk", type=Path, help="risk table")
    tables.add_argument("--events", type=Path, help="events table")
    tables.add_argument("--clinical", type=Path, help="clinical sheet, to name the laboratory values")
    tables.add_argument("--columns", type=Path, help="column map for a clinical sheet with columns of its own")
    tables.add_argument("--sample", help="sample to explain")
    patient = made.add_argument_group("one patient, no tables")
    patient.add_argument("--lab", action="append", default=[], metavar="NAME=VALUE", help="such as b2m_mg_l=4.1")
    patient.add_argument(
        "--event", action="append", default=[], metavar="NAME=VALUE", help="such as del_17p=present, gain_1q21=0.35"
    )
    patient.add_argument("--patient", type=Path, help="YAML (labs, events) or a table with the columns name and value")
    patient.add_argument("--profile", choices=cutoff_profiles(), default=DEFAULT_PROFILE, help="cut-offs of the events")
    patient.add_argument("--include-unverified", action="store_true", help="also systems that were not confirmed")
    made.add_argument("--out", type=Path, help="text file; printed where it is not given")
    return made


def main(options: argparse.Namespace) -> None:
    """Explain, and print or write."""
    one = options.lab or options.event or options.patient
    text = explain_given(options) if one else explain_tables(options)
    if options.out:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        options.out.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)


def explain_tables(options: argparse.Namespace) -> str:
    """The derivation of a sample of the risk table."""
    from mmrisk.clinical import read_clinical
    from mmrisk.contracts import EVENTS, RISK
    from mmrisk.errors import InputError, Problem
    from mmrisk.risk.explanation import explain_sample
    from mmrisk.tables import read_table

    if not (options.risk and options.sample):
        raise InputError(
            Problem(
                file="command line",
                message="names neither a sample of a risk table nor a patient",
                remedy="give --risk, --events and --sample; or --lab and --event; or --patient",
            )
        )
    risk = read_table(options.risk, RISK)
    if options.sample not in set(risk["sample_id"]):
        raise InputError(
            Problem(
                file=options.risk.name,
                column="sample_id",
                value=options.sample,
                message="is not in the table",
                remedy="check the sample id",
            )
        )
    events = read_table(options.events, EVENTS) if options.events else None
    given = {}
    if options.clinical:
        clinical = read_clinical(options.clinical, columns=options.columns)
        if options.sample in clinical.sample_ids:
            row = clinical.sample_ids.index(options.sample)
            given = {name: cells[row] for name, cells in clinical.written.items()}
    return explain_sample(options.sample, risk, events, given)


def explain_given(options: argparse.Namespace) -> str:
    """The derivation of every label of the patient that the flags or the file describe."""
    from mmrisk.contracts import RISK
    from mmrisk.risk.assign import assign, risk_frame
    from mmrisk.risk.explanation import explain_sample
    from mmrisk.risk.one_patient import one_patient, read_pairs, read_patient
    from mmrisk.risk.patients import join_patients
    from mmrisk.risk.systems import selected
    from mmrisk.tables import conform

    sample_id = options.sample or "patient"
    labs, given = read_patient(options.patient) if options.patient else ({}, {})
    labs |= read_pairs(options.lab, flag="--lab")
    given |= read_pairs(options.event, flag="--event")
    clinical, events = one_patient(
        sample_id, labs, given, file=options.patient.name if options.patient else "command line"
    )
    patients = join_patients(events, clinical, profile=options.profile)
    assigned = assign(patients, selected(include_unverified=options.include_unverified))
    risk = conform(risk_frame(assigned, patients.sample_ids), RISK)
    return explain_sample(sample_id, risk, events[events["state"] != "not_tested"], labs)


def run(argv: Sequence[str] | None = None) -> int:
    """Run the command."""
    return cli.run(arguments(), main, argv)


if __name__ == "__main__":
    cli.check_package_beside(__file__)
    sys.exit(run())
