# What the rules share: the checked configuration and sheets, and how a rule calls its script.
import json
import shlex
import sys

import yaml

REPO = Path(str(workflow.current_basedir.get_path_or_uri(secret_free=True))).resolve().parents[1]
sys.path.insert(0, str(REPO / "scripts"))

from mmrisk import provenance, settings
from mmrisk.assay_sheet import ASSAY_KINDS, LARGE_KINDS, READS_KINDS
from mmrisk.errors import InputError

settings.put_python_first()
CONFIG_FILE = Path(workflow.configfiles[0]).resolve()

try:
    SHEETS, COHORT = settings.read_configuration(
        config, yaml.safe_load((REPO / "workflow/schemas/config.schema.yaml").read_text()), CONFIG_FILE
    )
except InputError as error:
    print(error, file=sys.stderr)
    sys.exit(1)

CHUNKS = range(config.get("structural_variants", {}).get("chunks", 4))
# kind of data file -> whether the cohort has any
HAS = {kind: any(assay["kind"] == kind for assay in COHORT.assays) for kind in ASSAY_KINDS}
HAS["reports"] = bool(COHORT.reports)
# kinds that are read in chunks of samples, and kinds that are one job per data file in each of the branches named
CHUNKED = ("structural_variants", "mutations")
PER_FILE = {
    "reads": ("copy_number", "translocations"),
    "fastq": ("copy_number", "translocations"),
    "cells": ("cells",),
    "normals": (),
}


wildcard_constraints:
    reference=r"[^/]+",
    chunk=r"\d+",
    stem=r"[A-Za-z0-9][A-Za-z0-9_-]*\.[A-Za-z0-9][A-Za-z0-9_-]*",


def script(name):
    """Path of a script, for the command line."""
    return str(REPO / "scripts" / name)


def facts_of(name):
    """Resource tables that a script reads, as inputs: editing one reruns the rule."""
    return [str(path) for path in provenance.facts_read(name)]


def sheet(name):
    """A sheet of the cohort as input, or nothing."""
    return str(SHEETS[name]) if name in SHEETS else []


def assay_files(kind):
    """Data files of one kind, their column maps, and the coverage behind them."""
    rows = [assay for assay in COHORT.assays if assay["kind"] == kind]
    return sorted({str(path) for row in rows for path in (row["file"], row["columns"], row["coverage"]) if path})


def data_files(kind):
    """`sample.assay` of each data file of one kind, the stem of what is made of it."""
    return [f"{row['sample_id']}.{row['assay_id']}" for row in COHORT.assays if row["kind"] == kind]


# rows of the sheets by name: a job looks its own up, however large the cohort is
ASSAY_ROWS = {f"{row['sample_id']}.{row['assay_id']}": row for row in COHORT.assays}
SAMPLE_ROWS = {row["sample_id"]: row for row in COHORT.samples}


def aligned(stem):
    """The BAM or CRAM of a file of reads: its own, or the one made of its FASTQ."""
    row = ASSAY_ROWS[stem]
    return str(row["file"]) if row["kind"] == "reads" else f"<results>/aligned/{stem}.bam"


REFERENCES = {Path(row["reference"]).name: str(row["reference"]) for row in COHORT.assays if row["kind"] == "fastq"}


def fastq_files(stem):
    """The FASTQ file of a row, or the two of pairs."""
    row = ASSAY_ROWS[stem]
    return [str(row[name]) for name in ("file", "mate") if row[name]]


def bwa_index(stem):
    """Prefix of the index of a row's reference: beside the FASTA where it is there, else made in the results."""
    fasta = Path(ASSAY_ROWS[stem]["reference"])
    return str(fasta) if Path(f"{fasta}.bwt").is_file() else f"<results>/reference/{fasta.name}"


def normals_of(row):
    """Normals of the assay of a file of reads that the sheet names: they have its source, build and targets, if any."""
    return [
        str(normal["file"])
        for normal in COHORT.assays
        if normal["kind"] == "normals"
        and (normal["source"], normal["build"]) == (row["source"], row["build"])
        and normal["targets"] in (None, row["targets"])
    ]


def panel_name(row):
    """Name of the panel of normals of an assay: source, build and targets."""
    targets = [Path(row["targets"]).name.split(".")[0]] if row["targets"] else []
    return ".".join([row["source"], row["build"], *targets])


# a file of reads that tells from which normals, and with which targets, each panel is made
PANELS = {panel_name(row): row for row in COHORT.assays if row["kind"] in READS_KINDS and normals_of(row)}


def panel_of(stem):
    """Panel of normals of a file of reads: its own, or the one made of the sheet's normals of the same assay."""
    row = ASSAY_ROWS[stem]
    if row["normals"] or not normals_of(row):
        return row["normals"]
    return f"<results>/normals/{panel_name(row)}.tsv"


def beside_reads(stem):
    """What else is read together with reads: reference, targets, normals."""
    return [
        str(path)
        for path in map(ASSAY_ROWS[stem].__getitem__, ("reference", "targets", "snps", "matched_normal"))
        if path
    ]


def sex_of(stem):
    """Sex of the patient of a file of reads, if the samples sheet tells."""
    return SAMPLE_ROWS[stem.split(".")[0]]["sex"]


def reads_flags(stem):
    """What the assays sheet says of one file of reads, as flags: an edit of another row reruns nothing."""
    row = ASSAY_ROWS[stem]
    names = (
        "sample_id",
        "assay_id",
        "source",
        "build",
        "reference",
        "targets",
        "snps",
        "matched_normal",
        "variant_sample",
        "purity",
        "cell_selection",
    )
    return " ".join(filter(None, (flag(f"--{name.replace('_', '-')}", row[name]) for name in names))) + (
        " --ig-baits" if row["ig_baits"] else ""
    )


def evidence_files(kind, folder="evidence"):
    """Tables of one reader in a folder of the results, if the cohort has anything for it."""
    if not HAS[kind]:
        return []
    if kind in CHUNKED:
        return [f"<results>/{folder}/{kind}.{chunk}.tsv" for chunk in CHUNKS]
    if kind in PER_FILE:
        return [f"<results>/{folder}/{branch}/{stem}.tsv" for branch in PER_FILE[kind] for stem in data_files(kind)]
    return [f"<results>/{folder}/{kind}.tsv"]


def marrow(name):
    """A table of the marrow, if the cohort has cells, or shares that were counted elsewhere."""
    kinds = ("cells", "composition") if name in ("composition", "signatures") else ("cells",)
    return f"<results>/{name}.tsv" if any(HAS.get(kind) for kind in kinds) else []


def cells_flags(stem):
    """What the sheets say of one file of cells, as flags."""
    row = ASSAY_ROWS[stem]
    names = ("sample_id", "assay_id", "sample_column", "contigs", "cell_selection")
    flags = [flag(f"--{name.replace('_', '-')}", row[name]) for name in names]
    return " ".join(filter(None, (*flags, flag("--sort", SAMPLE_ROWS[row["sample_id"]]["sort"]))))


def beside_counts(stem):
    """Names of genes and cells beside a Matrix Market file: an edit of them reruns what reads the matrix."""
    path = Path(ASSAY_ROWS[stem]["file"])
    if not path.is_dir() and ".mtx" not in path.name:
        return []
    folder = path if path.is_dir() else path.parent
    return sorted(
        str(part) for part in folder.iterdir() if any(name in part.name for name in ("features", "genes", "barcodes"))
    )


def cell_tables(name):
    """One of the tables that describe_cells writes, of every sample."""
    return [f"<results>/cells/{stem}.{name}.tsv" for stem in data_files("cells")]


def marrow_parts(name):
    """Tables of cells and of measured composition that make up one of the cohort."""
    measured = (
        [f"<results>/measured_{name}.tsv"] if HAS["composition"] and name in ("composition", "signatures") else []
    )
    return cell_tables(name) + measured


def named_flags(inputs, *names):
    """A flag for each of the named inputs that there is."""
    return " ".join(filter(None, (flag(f"--{name.replace('_', '-')}", inputs.get(name)) for name in names)))


def of_branch(branch, folder):
    """Tables that a branch makes of each data file, in a folder of the results."""
    kinds = [kind for kind, branches in PER_FILE.items() if branch in branches]
    return [f"<results>/{folder}/{stem}.tsv" for kind in kinds for stem in data_files(kind)]


def segments_files():
    """Tables of segments that the cohort has, given or called from reads."""
    given = ["<results>/segments.tsv"] if HAS["segments"] else []
    return given + of_branch("copy_number", "segments")


def breakpoints_files():
    """Tables of junctions that the cohort has, given or called from reads."""
    given = [f"<results>/breakpoints/{chunk}.tsv" for chunk in CHUNKS] if HAS["structural_variants"] else []
    return given + of_branch("translocations", "breakpoints/translocations")


def cells_with_labels():
    """Cells of every file of cells, with the labels of their sample."""
    return [f"<results>/exports/cells/{stem}.h5ad" for stem in data_files("cells")] if HAS.get("cells") else []


def flag(name, value):
    """A command-line flag with its value or values, quoted for the shell; nothing for an empty value."""
    values = value if isinstance(value, (list, tuple)) else [value]
    values = [item for item in values if item is not None]
    return " ".join(shlex.quote(str(item)) for item in (name, *values)) if values else ""


def print_summary():
    path = Path("results/summary.txt")
    if path.is_file():
        print(f"\n{path.read_text()}")


def print_failure(log_file):
    print(f"\nThe run stopped. The rule that failed names its log above; everything Snakemake said is in {log_file}")
