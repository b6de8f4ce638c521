"""The marrow against events, labels, steps of the disease and survival, with patients as units."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from mmrisk import cli

if TYPE_CHECKING:
    import pandas as pd

    from mmrisk.association.compare import Plan, Setting
    from mmrisk.association.features import Family

COVARIATES = ("stage", "batch", "site", "sort", "treated", "sex")


def arguments() -> argparse.ArgumentParser:
    parser = cli.parser(__doc__)
    parser.add_argument("--cohort", type=Path, required=True, help="cohort table")
    parser.add_argument("--events", type=Path, help="events table, for events that only RNA speaks of")
    parser.add_argument("--risk", type=Path, help="risk table, for labels that RNA decided")
    parser.add_argument("--composition", type=Path, help="composition table")
    parser.add_argument("--signatures", type=Path, help="signatures table")
    parser.add_argument("--targets", type=Path, help="targets table")
    parser.add_argument("--outcomes", type=Path, help="outcomes sheet")
    parser.add_argument(
        "--covariates", nargs="*", choices=COVARIATES, default=COVARIATES[:-1], help="adjusted for where they vary"
    )
    parser.add_argument(
        "--repeated",
        choices=("index", "mixed"),
        default="index",
        help="index sample of each patient, or all samples with an intercept per patient",
    )
    parser.add_argument("--allow-inferred", action="store_true", help="use events that only RNA speaks of")
    parser.add_argument("--seed", type=int, default=0, help="seed of permutations and folds")
    parser.add_argument("--out", type=Path, required=True, help="associations table")
    parser.add_argument("--sensitivity", type=Path, help="associations with one site or batch left out")
    parser.add_argument("--trends", type=Path, help="ordered tests along MGUS, SMM, MM")
    parser.add_argument("--survival", type=Path, help="Cox models")
    parser.add_argument("--curves", type=Path, help="survival curves")
    return parser


def main(options: argparse.Namespace) -> None:
    import pandas as pd

    from mmrisk.association.compare import Plan, associate, setting_of
    from mmrisk.association.factors import covariate_frame, event_tiers, factors, label_tiers
    from mmrisk.association.features import families
    from mmrisk.contracts import ASSOCIATIONS, COMPOSITION, EVENTS, RISK, SENSITIVITY, SIGNATURES, TARGETS
    from mmrisk.joined import cohort_table
    from mmrisk.tables import read_table, write_table

    cohort = read_table(options.cohort, cohort_table())
    cohort = cohort[cohort["time_point"].fillna("") != "cell_line"].reset_index(drop=True)
    tables = {
        name: read_table(path, table) if (path := getattr(options, name)) else None
        for name, table in (("composition", COMPOSITION), ("signatures", SIGNATURES), ("targets", TARGETS))
    }
    found = families(**tables)
    plan = Plan(covariates=tuple(options.covariates), repeated=options.repeated, seed=options.seed)
    tiers = event_tiers(read_table(options.events, EVENTS)) if options.events else pd.DataFrame()
    labels = label_tiers(read_table(options.risk, RISK), cohort["sample_id"]) if options.risk else {}
    own = factors(cohort, tiers=tiers, label_tiers=labels, allow_inferred=options.allow_inferred)
    setting = setting_of(cohort, covariate_frame(cohort, plan.covariates), own)
    made_by = {"mmrisk_seed": str(plan.seed), "mmrisk_repeated": plan.repeated}
    tested, runs = associate(setting, found, plan)
    write_table(tested, ASSOCIATIONS, options.out, made_by=made_by)
    if options.sensitivity:
        write_table(runs, SENSITIVITY, options.sensitivity, made_by=made_by)
    write_others(options, cohort, setting, found, plan)
    hits = int((tested["q"] <= 0.05).sum()) if "q" in tested else 0
    cli.log.info("%d rows, %d with q up to 0.05; %d families", len(tested), hits, len(found))


def write_others(
    options: argparse.Namespace, cohort: "pd.DataFrame", setting: "Setting", found: "list[Family]", plan: "Plan"
) -> None:
    """Trends, survival and curves, where they are asked for."""
    import pandas as pd

    from mmrisk.association.factors import stages
    from mmrisk.association.survival import survival
    from mmrisk.association.trends import trends
    from mmrisk.cohort import read_records
    from mmrisk.contracts import KAPLAN_MEIER, SURVIVAL, TRENDS
    from mmrisk.follow_up import OUTCOMES
    from mmrisk.tables import write_table

    if options.trends:
        write_table(trends(setting, stages(cohort), found, plan), TRENDS, options.trends)
    if options.survival or options.curves:
        records = read_records(options.outcomes, OUTCOMES) if options.outcomes else ()
        rows = pd.DataFrame([dict(record.values) for record in records], columns=OUTCOMES.names)
        models, curves = survival(setting, rows.set_index("patient_id"), found, seed=plan.seed)
        for path, frame, table in ((options.survival, models, SURVIVAL), (options.curves, curves, KAPLAN_MEIER)):
            if path:
                write_table(frame, table, path)


def run(argv: Sequence[str] | None = None) -> int:
    return cli.run(arguments(), main, argv)


if __name__ == "__main__":
    cli.check_package_beside(__file__)
    raise SystemExit(run())
