"""Time and memory of 5,000 patients with four different FISH reports each, from sheet to written evidence.

Run it with `/usr/bin/time -v python tests/benchmarks/bench_fish.py`; it prints what it measured.
"""

import argparse
import random
import resource
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

import read_reports

PATIENTS, REPORTS = 5000, 4
BAR_SECONDS, BAR_MEGABYTES = 60, 500


def reports(rng):
    """Four reports of one patient, as four laboratories would write them."""
    scored = rng.choice((100, 200, 300, 400))
    cells = [rng.randrange(1, scored) for _ in range(6)]
    share = [rng.randrange(2, 99) + rng.randrange(10) / 10 for _ in range(4)]
    return (
        f"nuc ish(CDKN2Cx2,CKS1Bx{rng.choice((3, 4))})[{cells[0]}/{scored}],(D13S319,LAMP1)x1[{cells[1]}/{scored}],"
        f"(FGFR3,IGH)x3(FGFR3 con IGHx2)[{cells[2]}/{scored}],(IGHx3,MAFx2)[{cells[3]}/{scored}],"
        f"(TP53,D17Z1)x2[{scored}]",
        f"nuc ish 5p15(D5S23x3),9cen(D9Z1x3),15cen(D15Z4x2)[{cells[4]}/{scored}]/(D5S23x2,D9Z1x3,D15Z4x3)"
        f"[{scored - cells[4]}/{scored}],17p13(TP53x1)[{cells[5]}/{scored}]",
        f"Loss of TP53 (17p13.1) in {share[0]}% of cells. Gain of 1q (3 copies) in {share[1]}% of nuclei. "
        f"No evidence of t(4;14), t(11;14) or t(14;16).",
        f"t(4;14): negative; t(11;14): positive ({share[2]}%); del(13q) {cells[0]}/{scored}; "
        f"trisomies 3, 9 and 15 in {share[3]}%",
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patients", type=int, default=PATIENTS)
    patients = parser.parse_args().patients
    rng = random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        sheet = Path(folder) / "reports.tsv"
        with sheet.open("w", encoding="utf-8") as handle:
            handle.write("sample_id\treport_id\tmethod\ttext\tcell_selection\n")
            for patient in range(patients):
                for number, text in enumerate(reports(rng)):
                    handle.write(f"P{patient}\tR{number}\tfish\t{text}\tcd138\n")
        start = time.perf_counter()
        code = read_reports.run(
            ["--reports", str(sheet), "--out", f"{folder}/evidence.tsv", "--parsed", f"{folder}/parsed.tsv"]
        )
        seconds = time.perf_counter() - start
        megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        rows = len(Path(f"{folder}/evidence.tsv").read_text(encoding="utf-8").splitlines()) - 1
    print(f"{patients * REPORTS} reports, {rows} rows of evidence: {seconds:.1f} s, {megabytes:.0f} MB")
    print(f"bars: {BAR_SECONDS} s, {BAR_MEGABYTES} MB")
    return code or int(seconds > BAR_SECONDS or megabytes > BAR_MEGABYTES)


if __name__ == "__main__":
    raise SystemExit(main())
