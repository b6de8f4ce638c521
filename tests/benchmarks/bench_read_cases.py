"""Cases of known truth, from simulated BAM files to called states: what is wrong, what is open, what is right.

Every case is a small YAML of the truth, written as reads and called as a user's file would be. Chromosomes 1, 13 and 17
beside those that set the baseline keep the files small, so hyperdiploidy is left out.

    python tests/benchmarks/bench_read_cases.py
"""

import argparse
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))

from mmrisk.assays import AssayFile
from mmrisk.copynumber.profile import ANCHORS
from mmrisk.copynumber.read_calls import call_file
from mmrisk.simulate.reads import simulate_reads
from mmrisk.simulate.truth import Change, Library, Truth, depth_of, place_of
from mmrisk.tables import evidence_frame

BUILD = "GRCh38"
CHROMOSOMES = ("1", *ANCHORS, "13", "17")
EVENTS = ("gain_1q21", "amp_1q21", "del_1p32", "biallelic_del_1p32", "del_1p12", "del_13q", "del_17p")
FOCAL_1P, FOCAL_13, FOCAL_17 = "1:49900000-52000000", "13:47300000-49400000", "17:6650000-8700000"


@dataclass(frozen=True, slots=True)
class Case:
    """A case: changes (place, copies, share of tumour cells), and the events that are there; all others are not."""

    name: str
    changes: tuple[tuple[str, int, float], ...]
    present: frozenset[str] = field(default_factory=frozenset)
    reads: int = 400_000
    purity: float = 0.8
    given: bool = True
    selection: str = "cd138"
    wave: float = 0.0


def case(name, *changes, present="", **values):
    return Case(name, tuple(c if len(c) == 3 else (*c, 1.0) for c in changes), frozenset(present.split()), **values)


CASES = (
    case("nothing"),
    case("nothing, with waves", wave=0.02),
    case("nothing, many reads", reads=2_500_000),
    case("loss of 17p", ("17p", 1), present="del_17p"),
    case("loss of 17p in 60 %", ("17p", 1, 0.6), present="del_17p"),
    case("loss of 13", ("13", 1), present="del_13q"),
    case("loss of 13 and 17p", ("13", 1), ("17p", 1), present="del_13q del_17p"),
    case("loss of 13 and 17p, purity fitted", ("13", 1), ("17p", 1), present="del_13q del_17p", given=False),
    case("gain of 1q", ("1q", 3), present="gain_1q21"),
    case("gain of 1q, purity fitted", ("1q", 3), ("13", 1), present="gain_1q21 del_13q", given=False),
    case("four copies of 1q", ("1q", 4), present="gain_1q21 amp_1q21"),
    case("gain of 1q and loss of 1p", ("1q", 3), ("1p", 1), present="gain_1q21 del_1p32 del_1p12"),
    case("loss of 1p in half of the cells", ("1p", 1, 0.5), present="del_1p32 del_1p12"),
    case("focal loss of CDKN2C, few reads", (FOCAL_1P, 1), present="del_1p32"),
    case("focal loss of CDKN2C", (FOCAL_1P, 1), present="del_1p32", reads=2_500_000),
    case("both copies of CDKN2C", (FOCAL_1P, 0), present="del_1p32 biallelic_del_1p32", reads=2_500_000),
    case("focal loss of RB1, few reads", (FOCAL_13, 1), present="del_13q"),
    case("focal loss of TP53 in 60 %", (FOCAL_17, 1, 0.6), present="del_17p", reads=2_500_000),
    case("little tumour, sorted", ("17p", 1), present="del_17p", purity=0.3),
    case("5 % tumour, selection unknown", ("13", 1), ("17p", 1), present="del_13q del_17p", purity=0.05,
         given=False, selection=""),
)  # fmt: skip


def called(case, folder, seed):
    """State of each event of a case."""
    truth = Truth(
        build=BUILD,
        chromosomes=CHROMOSOMES,
        depth=depth_of(case.reads, build=BUILD, chromosomes=CHROMOSOMES, read_length=50),
        purity=case.purity,
        seed=seed,
        changes=tuple(Change(place_of(p, BUILD), n, min(1, n // 2), share) for p, n, share in case.changes),
        library=Library(read_length=50, fragment=200, fragment_sd=30, wave=case.wave),
    )
    file = folder / "case.bam"
    simulate_reads(truth, file, threads=1, level=1)
    assay = AssayFile(
        sample_id="S",
        assay_id="a",
        source="lowpass",
        file=file,
        build=BUILD,
        purity=case.purity if case.given else None,
        cell_selection=case.selection,
    )
    return evidence_frame(call_file(assay).evidence).set_index("event")["state"].to_dict()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    right = open_ = 0
    wrong = []
    print("case\tright\topen\twrong")
    for number, one in enumerate(CASES):
        with tempfile.TemporaryDirectory() as folder:
            states = called(one, Path(folder), 100 * options.seed + number)
        judged = {event: (str(states[event]), event in one.present) for event in EVENTS}
        good = [e for e, (state, there) in judged.items() if state == ("present" if there else "absent")]
        undecided = [e for e, (state, _) in judged.items() if state == "not_evaluable"]
        # below its cut-off: right of a clone that small, wrong of what is not there
        bad = [f"{e} {s}" for e, (s, _) in judged.items() if e not in good and e not in undecided]
        right, open_, wrong = right + len(good), open_ + len(undecided), wrong + bad
        print(f"{one.name}\t{len(good)}\t{len(undecided)}\t{', '.join(bad)}", flush=True)
    print(f"\n{len(CASES)} cases, {right} states right, {open_} open, {len(wrong)} wrong; all reads are synthetic")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
