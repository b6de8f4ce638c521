"""Time of the light readers: a MAF of a million rows, and an expression matrix of 5,000 samples by 8 genes (made up).

python tests/benchmarks/bench_mutations.py
"""

import argparse
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
COLUMNS = 120
GENES = ("TP53", "KRAS", "NRAS")


def write_maf(path, rows, rng):
    head = [
        "Hugo_Symbol",
        "NCBI_Build",
        "Chromosome",
        "Start_Position",
        "Variant_Classification",
        "Tumor_Sample_Barcode",
    ]
    head += ["HGVSp_Short", "t_depth", "t_ref_count", "t_alt_count", *(f"extra_{n}" for n in range(COLUMNS - 10))]
    filler = "\t".join(["some text"] * (COLUMNS - 10))
    with path.open("w") as handle:
        handle.write("\t".join(head) + "\n")
        samples = rng.integers(0, 1000, rows)
        named = rng.random(rows) < 0.002
        for n in range(rows):
            gene = GENES[n % 3] if named[n] else f"GENE{n % 20_000}"
            handle.write(f"{gene}\tGRCh38\t1\t1000\tMissense_Mutation\tS{samples[n]}\tp.R175H\t90\t60\t30\t{filler}\n")


def write_matrix(path, samples, rng):
    genes = ("NSD2", "FGFR3", "CCND1", "CCND2", "CCND3", "MAF", "MAFA", "MAFB")
    with path.open("w") as handle:
        handle.write("gene\t" + "\t".join(f"S{n}" for n in range(samples)) + "\n")
        for gene in genes:
            handle.write(gene + "\t" + "\t".join(f"{v:.2f}" for v in rng.gamma(1, 60, samples)) + "\n")


def measure(what, script, *flags):
    """CPU seconds and peak memory of a command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, str(SCRIPTS / script), *map(str, flags)], check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    print(f"{what:<46} {cpu:6.1f} s CPU, peak of all so far {after.ru_maxrss / 1024:.0f} MB", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--samples", type=int, default=5_000)
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as folder:
        matrix, maf, out = (Path(folder) / name for name in ("m.tsv", "m.maf", "e.tsv"))
        write_matrix(matrix, options.samples, rng)
        measure(f"{options.samples} samples by 8 genes", "read_expression.py", "--expression", matrix, "--unit", "tpm",
                "--out", out)  # fmt: skip
        for rows in (1000, options.rows):
            write_maf(maf, rows, rng)
            measure(f"MAF of {rows} rows, {maf.stat().st_size / 1e6:.0f} MB", "read_mutations.py", "--variants", maf,
                    "--build", "GRCh38", "--source", "wes", "--min-depth", 200, "--out", out)  # fmt: skip


if __name__ == "__main__":
    main()
