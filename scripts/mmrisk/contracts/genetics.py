"""Contracts of the genetic side: observations, events, and the segments and junctions behind them."""

from mmrisk.contracts.model import Column, Table, share
from mmrisk.events import State, Tier

STATES = tuple(map(str, State))
SOURCES = ("wgs", "wes", "panel", "lowpass", "array", "fish", "karyotype", "expression", "rna_fusion", "scrna")
BASES = ("all_nuclei", "sorted_pc", "tumour_cells", "metaphases", "reads")
SELECTIONS = ("cd138", "cig", "none", "unknown")

EVIDENCE = Table(
    "evidence",
    "One observation of one event by one assay, as the assay saw it.",
    ("evidence_id",),
    (
        Column("evidence_id", "text", "sample, assay, event and a number", required=True),
        Column("sample_id", "text", "the specimen", required=True),
        Column("assay_id", "text", "the data file or report", required=True),
        Column("event", "text", "event of the catalogue", required=True),
        Column("source", "text", "kind of assay", required=True, allowed=SOURCES),
        Column("method", "text", "tool, kind of probe or layout that was read"),
        Column("locus", "text", "probe or coordinates looked at (chrom:start-end, 0-based half-open)"),
        Column("build", "text", "genome build of the coordinates"),
        Column("tier", "text", "seen itself, or inferred from RNA", required=True, allowed=tuple(map(str, Tier))),
        Column("state", "text", "state at the default cut-off profile", required=True, allowed=STATES),
        Column("copies", "number", "copies in the abnormal cells", low=0.0),
        share("fraction", "share of cells with the event"),
        Column("fraction_basis", "text", "which cells the share counts", allowed=BASES),
        share("fraction_low", "lower 95 % bound of the share"),
        share("fraction_high", "upper 95 % bound of the share"),
        share("detection_limit", "smallest share that would have been seen with 95 % power"),
        Column("n_abnormal", "integer", "cells, reads or metaphases with the event", low=0),
        Column("n_scored", "integer", "cells, reads or metaphases looked at", low=0),
        Column("cell_selection", "text", "how plasma cells were selected", allowed=SELECTIONS),
        share("purity", "share of tumour cells in the material"),
        Column("support", "integer", "fragments, callers or probes that agree", low=0),
        Column("detail", "text", "for people: what the assay said"),
        Column("warnings", "list", "reservations"),
    ),
)

EVENTS = Table(
    "events",
    "The consensus of all evidence: a row for every sample and every event of the catalogue.",
    ("sample_id", "event"),
    (
        Column("sample_id", "text", "the specimen", required=True),
        Column("event", "text", "event of the catalogue", required=True),
        Column("state", "text", "state at the default cut-off profile", required=True, allowed=STATES),
        share("fraction", "share of cells with the event, on the basis of the deciding evidence"),
        Column("fraction_basis", "text", "which cells the share counts", allowed=BASES),
        share("fraction_low", "lower 95 % bound of the share"),
        share("fraction_high", "upper 95 % bound of the share"),
        share("detection_limit", "smallest share that the deciding evidence would have seen"),
        Column("copies", "number", "copies in the abnormal cells", low=0.0),
        Column("tier", "text", "tier of the deciding evidence", allowed=tuple(map(str, Tier))),
        Column("flags", "list", "what a careful reader would want to know (subclonal, fish_cryptic, ...)"),
        Column("deciding", "list", "evidence that decided"),
        Column("supporting", "list", "evidence that agrees"),
        Column("contradicting", "list", "evidence that disagrees"),
        Column("explanation", "text", "why, in a sentence", required=True),
    ),
)

CONFLICTS = Table(
    "conflicts",
    "Evidence that disagrees, with what was made of it.",
    ("sample_id", "event"),
    (
        Column("sample_id", "text", "the specimen", required=True),
        Column("event", "text", "event of the catalogue", required=True),
        Column("resolution", "text", "state that was given", required=True, allowed=STATES),
        Column("evidence_for", "list", "evidence of presence"),
        Column("evidence_against", "list", "evidence of absence"),
        Column("explanation", "text", "the rule that was applied", required=True),
    ),
)

SEGMENTS = Table(
    "segments",
    "Copy-number segments of a sample.",
    ("sample_id", "assay_id", "chrom", "start"),
    (
        Column("sample_id", "text", "the specimen", required=True),
        Column("assay_id", "text", "the data file", required=True),
        Column("chrom", "text", "chromosome without prefix", required=True),
        Column("start", "integer", "first base, 0-based", required=True, low=0),
        Column("end", "integer", "end, exclusive", required=True, low=1),
        Column("copies", "number", "mean copies in the material, before the baseline is re-centred", low=0.0),
        Column("in_tumour_cells", "flag", "copies are those of tumour cells already, corrected for purity"),
        Column("minor_copies", "number", "copies of the minor allele, on the scale of `copies`", low=0.0),
        Column("n_markers", "integer", "bins or markers", low=0),
    ),
)

ARMS = Table(
    "arms",
    "Copies of each chromosome arm, from reads.",
    ("sample_id", "assay_id", "arm"),
    (
        Column("sample_id", "text", "the specimen", required=True),
        Column("assay_id", "text", "the data file", required=True),
        Column("arm", "text", "arm (17p)", required=True),
        Column("chrom", "text", "chromosome without prefix", required=True),
        Column("copies", "number", "copies that most of the arm has", low=0.0),
        Column("copies_low", "number", "lower 95 % bound of the copies", low=0.0),
        Column("copies_high", "number", "upper 95 % bound of the copies", low=0.0),
        Column("change", "text", "what most of the arm shows", allowed=("gain", "loss", "none")),
        share("fraction", "share of cells with one copy more or less that explains the copies"),
        share("detection_limit", "smallest such share that would have been seen with 95 % power"),
        share("share_gained", "share of the arm that is gained"),
        share("share_lost", "share of the arm that is lost"),
        Column("n_bins", "integer", "bins of the arm", low=1),
        Column("in_tumour_cells", "flag", "copies and shares are those of tumour cells, the purity being known"),
    ),
)

BINS = Table(
    "bins",
    "Reads along the genome, corrected: what a genome figure is drawn from.",
    ("sample_id", "assay_id", "chrom", "start"),
    (
        Column("sample_id", "text", "the specimen", required=True),
        Column("assay_id", "text", "the data file", required=True),
        Column("chrom", "text", "chromosome without prefix", required=True),
        Column("start", "integer", "first base, 0-based", required=True, low=0),
        Column("end", "integer", "end, exclusive", required=True, low=1),
        Column("reads", "integer", "reads that were counted", low=0),
        Column("copies", "number", "copies in the material, the baseline being 2", low=0.0),
        Column("log2", "number", "base-2 logarithm of the copies over 2"),
        Column("weight", "number", "inverse variance of the ratio of copies to 2", low=0.0),
        Column("segment", "integer", "number of the segment, from 1", low=1),
    ),
)

NORMALS = Table(
    "normals",
    "Panel of normals: what share of the reads of an assay falls on each bin of a genome without changes.",
    ("chrom", "start", "part"),
    (
        Column("chrom", "text", "chromosome without prefix", required=True),
        Column("start", "integer", "first base, 0-based", required=True, low=0),
        Column("end", "integer", "end, exclusive", required=True, low=1),
        Column(
            "part",
            "text",
            "what is counted: the whole bin, its targets, or what lies beside them",
            required=True,
            allowed=("whole", "targets", "beside"),
        ),
        Column("build", "text", "genome build", required=True),
        Column(
            "share",
            "number",
            "median share of the autosomal reads of its part, times the number of autosomal bins",
            low=0.0,
        ),
        Column("spread", "number", "standard deviation of that share between normals, relative to it", low=0.0),
        Column("n_normals", "integer", "normals of the panel", low=1),
    ),
)

PURITY = Table(
    "purity",
    "Share of tumour cells and ploidy of a sample: the fit that was used, and every other near it.",
    ("sample_id", "assay_id", "rank"),
    (
        Column("sample_id", "text", "the specimen", required=True),
        Column("assay_id", "text", "the data file", required=True),
        Column("rank", "integer", "1 for the fit that was used", required=True, low=1),
        Column("method", "text", "how it was found", required=True, allowed=("fitted", "given", "not_evaluable")),
        share("purity", "share of tumour cells; empty where the data cannot tell"),
        share("purity_low", "lower end of the fits that explain the data as well"),
        share("purity_high", "upper end of the fits that explain the data as well"),
        Column("ploidy", "number", "mean copies of a tumour cell", low=0.0),
        Column(
            "unaltered_copies",
            "integer",
            "copies in a tumour cell where the segments have two: four where the genome is doubled; empty is two",
            low=2,
        ),
        Column("score", "number", "misfit relative to that of the fit that was used", low=0.0),
        Column("detail", "text", "for people: what the fit rests on, or why there is none"),
    ),
)

MUTATIONS = Table(
    "mutations",
    "Variants that count as mutations of the genes that matter, as the file gave them.",
    ("sample_id", "assay_id", "gene", "number"),
    (
        Column("sample_id", "text", "the specimen", required=True),
        Column("assay_id", "text", "the data file", required=True),
        Column("event", "text", "event of the catalogue", required=True),
        Column("gene", "text", "gene", required=True),
        Column("number", "integer", "number of the variant in its gene, from 1", required=True, low=1),
        Column("build", "text", "genome build of the coordinates", required=True),
        Column("chrom", "text", "chromosome without prefix"),
        Column("position", "integer", "first base that changes, 0-based; empty where the file gives none", low=0),
        Column("reference", "text", "bases of the reference that change; - for an insertion"),
        Column("alternative", "text", "bases that stand there instead; - for a deletion"),
        Column("consequence", "text", "gravest consequence, in the words of the file"),
        Column("classification", "text", "the consequence as a MAF has it (Variant_Classification)", required=True),
        Column("protein", "text", "change of the protein, as the file has it"),
        Column("alt_reads", "integer", "reads with the variant", low=0),
        Column("depth", "integer", "reads at the place", low=0),
        Column("somatic", "flag", "a matched normal was read deeply enough and does not have it", required=True),
    ),
)

SPIKES = Table(
    "spikes",
    "Expression of the target of each translocation, and how probable it makes the translocation.",
    ("sample_id", "assay_id", "event"),
    (
        Column("sample_id", "text", "the specimen", required=True),
        Column("assay_id", "text", "the data file", required=True),
        Column("event", "text", "event of the catalogue", required=True),
        Column("gene", "text", "target gene", required=True),
        Column("value", "number", "expression on the scale of the cut-offs, log2(TPM + 1)"),
        Column("cutoff", "number", "expression that makes the event as probable as not", required=True),
        share("probability", "probability of the event, spikes of other events taken into account"),
        Column("log_odds", "number", "the same as natural log odds, to rank samples by"),
        Column("scale", "text", "how the values came to the scale of the cut-offs", required=True),
    ),
)

EXPRESSION_GROUPS = Table(
    "expression_groups",
    "Groups of the expression classifications, and how pure the plasma cells behind an expression matrix are.",
    ("sample_id", "assay_id"),
    (
        Column("sample_id", "text", "the specimen", required=True),
        Column("assay_id", "text", "the data file", required=True),
        Column(
            "tc_group",
            "text",
            "group as the TC classification has it",
            required=True,
            allowed=("4p16", "11q13", "6p21", "maf", "d1", "d1_d2", "d2", "none", "unknown"),
        ),
        Column("tc_margin", "number", "log2 by which the nearest deciding gene would have to change", low=0.0),
        Column(
            "uams_group",
            "text",
            "nearest of the seven UAMS groups; unknown without a cohort of whole genomes",
            required=True,
            allowed=("MS", "MF", "CD-1", "CD-2", "HY", "LB", "PR", "unknown"),
        ),
        Column("uams_margin", "number", "lead over the second group, robust z", low=0.0),
        Column("light_chain", "text", "light chain that dominates", allowed=("kappa", "lambda", "unclear")),
        share("clonal_ig_share", "share of light-chain transcripts beyond what polyclonal plasma cells would add"),
        Column("other_lineages", "number", "mean log2(TPM + 1) of genes of other lineages", low=0.0),
    ),
)

ARM_DOSAGE = Table(
    "arm_dosage",
    "Expression along chromosome arms against the cohort.",
    ("sample_id", "assay_id", "region"),
    (
        Column("sample_id", "text", "the specimen", required=True),
        Column("assay_id", "text", "the data file", required=True),
        Column("region", "text", "chromosome arm, or chromosome", required=True),
        Column("log_ratio", "number", "mean log2 ratio to the cohort's samples without the change", required=True),
        Column("noise", "number", "standard error over genes", required=True, low=0.0),
        Column("n_genes", "integer", "expressed genes", required=True, low=1),
    ),
)
