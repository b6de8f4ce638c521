"""How long segments of many samples take: `python tests/benchmarks/bench_segments.py SEGMENTS --columns MAP`.

The samples of the file are repeated under new names until there are `--samples`. One process; start-up is measured on
a file of one sample and shown beside the whole.
"""

import argparse
import itertools
import resource
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

import read_segments


def main() -> None:
    flags = argparse.ArgumentParser(description=__doc__)
    flags.add_argument("segments", type=Path)
    flags.add_argument("--columns", type=Path, required=True)
    flags.add_argument("--build", default="GRCh37")
    flags.add_argument("--samples", type=int, default=5000)
    options = flags.parse_args()
    table = pd.read_csv(options.segments, sep="\t", dtype=str)
    groups = [group for _, group in table.groupby("sample_id", sort=False)]
    with tempfile.TemporaryDirectory() as folder:
        many, one = Path(folder, "many.tsv"), Path(folder, "one.tsv")
        named = (
            group.assign(sample_id=f"P{n:05d}") for n, group in zip(range(options.samples), itertools.cycle(groups))
        )
        pd.concat(named).to_csv(many, sep="\t", index=False)
        groups[0].to_csv(one, sep="\t", index=False)
        for name, file in (("start-up (one sample)", one), (f"{options.samples} samples", many)):
            began = time.perf_counter()
            code = read_segments.run(
                [
                    *("--segments", str(file), "--build", options.build, "--columns", str(options.columns)),
                    *("--source", "array", "--out", f"{folder}/e.tsv", "--segments-out", f"{folder}/s.tsv"),
                ]
            )
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(f"{name}: {time.perf_counter() - began:.1f} s, peak {peak:.0f} MB, exit {code}")


if __name__ == "__main__":
    main()
