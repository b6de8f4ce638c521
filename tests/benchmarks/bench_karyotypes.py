"""Time of reading 20,000 karyotypes in one process: `python tests/benchmarks/bench_karyotypes.py`, bar 60 s."""

import csv
import os
import sys
import time
from itertools import cycle, islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from mmrisk.cytogenetics.karyotype_evidence import read_karyotype

NUMBER = 20_000
BAR_SECONDS = 60.0
EXAMPLES = [
    "46,XX[20]",
    "53~55<2n>,XX,+3,+5,+7,+9,+11,+15,+19,del(13)(q14q22),der(16)t(1;16)(q10;q10)[cp12]/46,XX[8]",
    "45,XY,t(4;14)(p16;q32),-13,add(1)(p13)[5]/46,sl,+mar[3]/90,slx2[2]/46,XY[10]",
]


def strings() -> list[str]:
    """Karyotypes as typed in a laboratory where they are at hand, else examples."""
    folder = os.environ.get("MMRISK_REALDATA")
    if not folder:
        return EXAMPLES
    with (Path(folder) / "iscn" / "laboratory_karyotypes.tsv").open(encoding="utf-8", newline="") as handle:
        return [row["Karyotype"] or "" for row in csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE)]


def main() -> None:
    """Read and report."""
    start = time.perf_counter()
    for number, text in enumerate(islice(cycle(strings()), NUMBER)):
        read_karyotype(text, sample_id=f"S{number}", assay_id="karyotype")
    seconds = time.perf_counter() - start
    print(f"{NUMBER} karyotypes in {seconds:.1f} s ({1000 * seconds / NUMBER:.2f} ms each); bar {BAR_SECONDS:.0f} s")
    sys.exit(seconds > BAR_SECONDS)


if __name__ == "__main__":
    main()
