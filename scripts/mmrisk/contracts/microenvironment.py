"""Contracts of the marrow: cells counted, programmes scored, targets, plasma cells and identity per sample."""

from mmrisk.contracts.model import Column, Table, share

DENOMINATORS = ("all", "microenvironment", "t_cells")
LEVELS = ("lineage", "group", "subset", "state")
TOLD_APART = ("well", "weakly", "untested")
COMPOSITION_STATUS = ("measured", "not_captured", "not_measurable", "too_few_cells", "sorted_out")

COMPOSITION = Table(
    "composition",
    "Share of each kind of cell in a sample, under each denominator.",
    ("sample_id", "assay", "denominator", "cell_type"),
    (
        Column("sample_id", "text", "the specimen", required=True),
        Column("assay", "text", "how cells were counted (scrna, flow, cytof, cite)", required=True),
        Column("denominator", "text", "cells that make up the whole", required=True, allowed=DENOMINATORS),
        Column("cell_type", "text", "kind of cell", required=True),
        Column("level", "text", "lineage, group of subsets, subset, or state", required=True, allowed=LEVELS),
        Column("status", "text", "whether the assay could count it", required=True, allowed=COMPOSITION_STATUS),
        Column("n_cells", "integer", "cells of the kind", low=0),
        Column("n_total", "integer", "cells of the denominator", low=0),
        share("share", "share of the denominator; empty where not measured"),
        Column(
            "clr",
            "number",
            "log-ratio to the mean of the kinds of its level (0.5 cells added); of states, log odds in the gate",
        ),
        Column(
            "told_apart",
            "text",
            "how well droplets of the kind are told from their like on simulated marrow (F1 of 0.8 or more: well); "
            "empty where a laboratory counted",
            allowed=TOLD_APART,
        ),
    ),
)

SIGNATURES = Table(
    "signatures",
    "Mean of a signature in the cells of one kind of a sample (pseudobulk).",
    ("sample_id", "cell_type", "signature"),
    (
        Column("sample_id", "text", "the specimen", required=True),
        Column("cell_type", "text", "cells over which the mean goes", required=True),
        Column("signature", "text", "signature of resources/signatures.tsv, or a ligand-receptor axis", required=True),
        Column("mean", "number", "mean score; empty where too few cells or genes were seen"),
        Column("n_cells", "integer", "cells", required=True, low=0),
        share("coverage", "share of the signature's genes that were measured"),
    ),
)

TARGETS = Table(
    "targets",
    "Therapy targets on the malignant plasma cells of a sample.",
    ("sample_id", "target"),
    (
        Column("sample_id", "text", "the specimen", required=True),
        Column("target", "text", "target (BCMA, GPRC5D, CD38, SLAMF7, FCRL5, CD138)", required=True),
        Column("gene", "text", "its gene", required=True),
        Column("n_cells", "integer", "malignant plasma cells", required=True, low=0),
        Column("mean", "number", "mean log-normalised expression"),
        share("negative_share", "share of malignant cells without a transcript"),
        share("negative_low", "lower 95 % bound of that share"),
        share("negative_high", "upper 95 % bound of that share"),
        share("lost_share", "share of malignant cells that lack it beyond what sampling explains (posterior mean)"),
        share("lost_low", "lower 95 % bound"),
        share("lost_high", "upper 95 % bound"),
        Column("genomic_state", "text", "state of the gene's loss or mutation in the events"),
        Column("detail", "text", "for people: reservations"),
    ),
)

CELL_QUALITY = Table(
    "cell_quality",
    "Quality and plasma-cell figures of a sample's cells.",
    ("sample_id", "assay_id"),
    (
        Column("sample_id", "text", "the specimen", required=True),
        Column("assay_id", "text", "the data file", required=True),
        Column("n_barcodes", "integer", "cells in the file", required=True, low=0),
        Column("n_cells", "integer", "cells kept", required=True, low=0),
        Column("n_doublets", "integer", "cells left out as doublets", low=0),
        Column("n_broken", "integer", "barcodes left out as no whole cells", low=0),
        share("unknown_share", "share of kept cells without a lineage"),
        Column("median_counts", "number", "median transcripts per kept cell", low=0.0),
        Column("median_genes", "number", "median genes per kept cell", low=0.0),
        share("median_mitochondrial", "median share of mitochondrial transcripts per kept cell"),
        Column("sort", "text", "how cells were selected (resources/cell_sorts.tsv)"),
        Column("n_plasma", "integer", "plasma cells", low=0),
        Column("n_malignant", "integer", "plasma cells called malignant", low=0),
        Column("n_normal", "integer", "plasma cells called normal", low=0),
        Column("n_undetermined", "integer", "plasma cells that could be either", low=0),
        Column(
            "light_chain", "text", "restriction of the plasma cells", allowed=("kappa", "lambda", "none", "unclear")
        ),
        share("purity", "share of plasma cells that belong to the clone (posterior mean)"),
        share("purity_low", "lower 95 % bound"),
        share("purity_high", "upper 95 % bound"),
        Column("light_v", "text", "light-chain V gene of the clone"),
        Column("heavy_v", "text", "heavy-chain V gene of the clone"),
        Column("heavy_chain", "text", "heavy-chain constant gene of the clone"),
        share("ambient_share", "ambient RNA of a droplet over its median of transcripts"),
        Column("expressed_sex", "text", "sex by the genes of Y and XIST", allowed=("F", "M", "unclear")),
        Column("subclones", "list", "parts of the clone by whole arms, with their share: 17p-:0.31"),
        Column("warnings", "list", "reservations"),
    ),
)

CELL_ARMS = Table(
    "cell_arms",
    "Copy number of chromosome arms from the expression of a sample's malignant plasma cells.",
    ("sample_id", "assay_id", "arm"),
    (
        Column("sample_id", "text", "the specimen", required=True),
        Column("assay_id", "text", "the data file", required=True),
        Column("arm", "text", "chromosome arm", required=True),
        Column("log2_ratio", "number", "mean log2 ratio of its genes, the commonest level of the genome being 0"),
        Column("low", "number", "lower 95 % bound"),
        Column("high", "number", "upper 95 % bound"),
        Column("copies", "number", "copies, where only one number is likely (4: or more)", low=0.0),
        Column("state", "text", "what it comes to", allowed=("gain", "loss", "neutral", "unclear")),
        Column("n_genes", "integer", "genes", low=0),
        Column("reference", "text", "cells of the patient it was held against"),
    ),
)

IDENTITY = Table(
    "identity",
    "Whether the cells of a sample come from the same patient as its other assays.",
    ("sample_id",),
    (
        Column("sample_id", "text", "the specimen", required=True),
        Column(
            "verdict",
            "text",
            "swapped where several things do not fit; conflict where it may as well be a wrong entry (mostly the sex "
            "of the sheet alone); indeterminate where nothing tells patients apart",
            required=True,
            allowed=("consistent", "swapped", "conflict", "indeterminate"),
        ),
        Column("agrees", "list", "what fits: arms, sex, light chain"),
        Column("disagrees", "list", "what does not fit"),
        Column("better_match", "text", "the sample of the cohort that would fit"),
        Column("detail", "text", "for people: the comparison"),
    ),
)

CELL_PLACES = Table(
    "cell_places",
    "Place of some cells of each sample in the cohort's picture; for looking, nothing is computed from it.",
    ("sample_id", "assay_id", "barcode"),
    (
        Column("sample_id", "text", "the specimen", required=True),
        Column("assay_id", "text", "the data file", required=True),
        Column("barcode", "text", "the cell", required=True),
        Column("lineage", "text", "its lineage"),
        Column("subset", "text", "its subset"),
        Column("batch", "text", "batch over which cells were aligned"),
        Column("umap_1", "number", "place; empty where too few cells"),
        Column("umap_2", "number", "place; empty where too few cells"),
    ),
)
