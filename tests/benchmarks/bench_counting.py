"""CPU seconds of counting reads against mosdepth on the same file: whole processes, and with the start-up taken off.

The start-up of a command is its CPU time on a file with the same header and no read, warm caches. Each number is the
best of several runs. Synthetic reads do (scripts/simulate_reads.py).

    python tests/benchmarks/bench_counting.py reads.bam reads.cram --tiers full sampled index --repeats 3
"""

import argparse
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
COUNT = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from mmrisk.alignments import check_alignments
from mmrisk.copynumber.counts import count_reads
import mmrisk.copynumber.counts as counts
counts.LEAST_READS = 0
import mmrisk.alignments as alignments
alignments._check_not_empty = lambda checked: None
found = count_reads(check_alignments(Path(sys.argv[2])), tier=sys.argv[3])
print(int(found.kept.sum()))
"""


def cpu(command):
    """CPU seconds (user and system, children too), peak memory (MB) and output of a command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        out, err = process.communicate()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode:
        raise SystemExit(f"{command[0]} failed: {err.decode()[-500:]}")
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, out.decode().strip()


def peak(command):
    """Peak memory of a command in MB, over its own process and the largest of its children."""
    code = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True);"
    code += "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    done = subprocess.run([sys.executable, "-c", code, *command], capture_output=True, text=True, check=True)
    return int(done.stdout.split()[-1]) / 1024


def empty(path, folder):
    """The header of a file without reads, for the start-up."""
    import pysam

    out = Path(folder) / f"empty{path.suffix}"
    kind = ["-C", "--output-fmt-option", "no_ref=1"] if path.suffix == ".cram" else ["-b"]
    pysam.view(*kind, "-H", "-o", str(out), str(path), catch_stdout=False)
    pysam.index(str(out))
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--tiers", nargs="+", default=["full", "sampled", "index"])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--fasta", type=Path, help="reference, for mosdepth on CRAM")
    options = parser.parse_args()
    print("file\tmethod\tCPU s\tstart-up s\tapart s\tpeak MB\tratio whole\tratio apart\tcounted")
    for path in options.files:
        with tempfile.TemporaryDirectory() as folder:
            small = empty(path, folder)
            more = ["-f", str(options.fasta)] if options.fasta else []
            methods = {
                "mosdepth -n -x -b 100000": lambda file, more=more, folder=folder: [
                    "mosdepth", *more, "-n", "-x", "-b", "100000", f"{folder}/m", file,
                ]
            }  # fmt: skip
            for tier in options.tiers:
                methods[tier] = lambda file, tier=tier: [sys.executable, "-c", COUNT, str(SCRIPTS), file, tier]
            reference = None
            for name, command in methods.items():
                cpu(command(str(small)))  # compiled functions and caches
                start = min(cpu(command(str(small)))[0] for _ in range(options.repeats))
                runs = [cpu(command(str(path))) for _ in range(options.repeats)]
                whole, said = min(runs)
                reference = reference or (whole, whole - start)
                ratios = f"{whole / reference[0]:.4f}\t{(whole - start) / reference[1]:.4f}"
                memory = peak(command(str(path)))
                counted = said if name in options.tiers else ""
                apart = whole - start
                row = (
                    path.name,
                    name,
                    f"{whole:.2f}",
                    f"{start:.2f}",
                    f"{apart:.2f}",
                    f"{memory:.0f}",
                    ratios,
                    counted,
                )
                print(*row, sep="\t", flush=True)


if __name__ == "__main__":
    main()
