"""Counting reads: CPU seconds against mosdepth, growth with depth, arm copies of each tier against those of all reads.

Times are of whole processes, and with the start-up taken off: the CPU time of the same command on a file with the same
header and no read, warm caches. Each is the best of several runs. Arm copies are those of the material, around the
baseline, so the files need chromosomes that set it (2, 4, 10, 12, 20). Synthetic reads do (scripts/simulate_reads.py).
Debian's mosdepth looks for libhts.so: install libhts-dev, or name a folder with a link to it in LD_LIBRARY_PATH.

    python tests/benchmarks/bench_counting.py reads.bam reads.cram --tiers full sampled index --repeats 3
    python tests/benchmarks/bench_counting.py deep.bam --tiers full sampled --growth at5x.bam at20x.bam
"""

import argparse
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from mmrisk.alignments import check_alignments
from mmrisk.assays import AssayFile
from mmrisk.copynumber.counts import count_reads
from mmrisk.copynumber.read_calls import called
from mmrisk.copynumber.read_profile import fit_counts

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


def arm_copies(path, tier):
    """Copies of each arm in the material, as one tier counts them."""
    reads = check_alignments(path)
    counts = count_reads(reads, tier=tier)
    fitted = fit_counts(counts, purity=1.0)
    assay = AssayFile(sample_id="S", assay_id="a", source="wgs", file=path, build=reads.build)
    arms = called(fitted, counts, assay).others["arms"]
    return dict(zip(arms["arm"], arms["copies"], strict=True))


def compare_arms(path, tiers):
    """Print how far the arm copies of each tier lie from those of all reads."""
    full = arm_copies(path, "full")
    for tier in tiers:
        other = arm_copies(path, tier)
        apart = {arm: abs(copies - full[arm]) for arm, copies in other.items() if arm in full}
        worst = max(apart, key=apart.__getitem__)
        mean = sum(apart.values()) / len(apart)
        print(path.name, tier, len(apart), f"{mean:.4f}", f"{apart[worst]:.4f}", worst, sep="\t", flush=True)


def methods_of(options, folder):
    """Command of each method by its name."""
    more = ["-f", str(options.fasta)] if options.fasta else []
    mosdepth = ["mosdepth", *more, "-n", "-x", "-b", "100000", f"{folder}/m"]
    methods = {"mosdepth -n -x -b 100000": lambda file: [*mosdepth, file]}
    for tier in options.tiers:
        methods[tier] = lambda file, tier=tier: [sys.executable, "-c", COUNT, str(SCRIPTS), file, tier]
        # the whole command: calls and tables too
        methods[f"call_copy_number.py, {tier}"] = lambda file, tier=tier: [
            sys.executable, str(SCRIPTS / "call_copy_number.py"), "--reads", file, "--sample-id", "S",
            "--source", "wgs", "--tier", tier, "--out", f"{folder}/evidence.tsv", "--status", f"{folder}/status.tsv",
        ]  # fmt: skip
    return {name: command for name, command in methods.items() if options.whole or not name.startswith("call")}


def measured(path, command, small, repeats, start_up=None):
    """Best CPU seconds of a command on a file, those of its start-up, and what it said."""
    start_up = start_up or command
    cpu(start_up(str(small)))  # compiled functions and caches
    start = min(cpu(start_up(str(small)))[0] for _ in range(repeats))
    whole, said = min(cpu(command(str(path))) for _ in range(repeats))
    return whole, start, said


def time_files(options):
    """Print the times of each method on each file."""
    print("file\tmethod\tCPU s\tstart-up s\tapart s\tpeak MB\tratio whole\tratio apart\tcounted")
    for path in options.files:
        with tempfile.TemporaryDirectory() as folder:
            small, reference = empty(path, folder), None
            methods = methods_of(options, folder)
            for name, command in methods.items():
                # slices of a CRAM without reads cannot be sampled: its start-up is that of counting all
                start_up = methods["full"] if name == "sampled" and path.suffix == ".cram" else None
                whole, start, said = measured(path, command, small, options.repeats, start_up)
                reference = reference or (whole, whole - start)
                ratios = (f"{whole / reference[0]:.4f}", f"{(whole - start) / reference[1]:.4f}")
                times = (f"{value:.2f}" for value in (whole, start, whole - start))
                counted = said if name in options.tiers else ""
                print(
                    path.name, name, *times, f"{peak(command(str(path))):.0f}", *ratios, counted, sep="\t", flush=True
                )


def time_growth(options):
    """Print how the time of the sampled tier grows from a shallow to a deep file of one genome."""
    print("\nfile\tsampled CPU s\tstart-up s\tgrowth whole\tgrowth apart")
    with tempfile.TemporaryDirectory() as folder:
        first = None
        for path in options.growth:
            command = methods_of(argparse.Namespace(fasta=None, tiers=["sampled"], whole=False), folder)["sampled"]
            whole, start, _ = measured(path, command, empty(path, folder), options.repeats)
            first = first or (whole, whole - start)
            growth = (f"{whole / first[0]:.3f}", f"{(whole - start) / first[1]:.3f}")
            print(path.name, f"{whole:.2f}", f"{start:.2f}", *growth, sep="\t", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="*")
    parser.add_argument("--tiers", nargs="+", default=["full", "sampled", "index"])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--fasta", type=Path, help="reference, for mosdepth on CRAM")
    parser.add_argument("--whole", action="store_true", help="time call_copy_number.py too, not counting alone")
    parser.add_argument("--growth", type=Path, nargs=2, metavar=("SHALLOW", "DEEP"), help="one genome at two depths")
    parser.add_argument("--no-times", action="store_true", help="compare arm copies only")
    options = parser.parse_args()
    if not options.no_times and options.files:
        time_files(options)
    if options.growth:
        time_growth(options)
    print("\nfile\ttier\tarms\tmean difference from full (copies)\tlargest\tarm")
    for path in options.files:
        compare_arms(path, [t for t in options.tiers if t != "full" and not (t == "index" and path.suffix == ".bam")])


if __name__ == "__main__":
    main()
