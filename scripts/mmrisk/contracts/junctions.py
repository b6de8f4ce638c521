"""Contracts of junctions: breakpoints, their reads, rearrangements of the IG loci, spots of false junctions."""

from mmrisk.contracts.model import Column, Table, share

DERIVATIVE_STATES = ("seen", "missing", "not_seen")
READ_KINDS = ("pair", "split", "clip", "reference")
SIDES = ("partner", "donor")

BREAKPOINTS = Table(
    "breakpoints",
    "Junctions of an IG locus or MYC with a partner. Strand + keeps what lies left of the position, - what lies right.",
    (
        *("sample_id", "assay_id", "event", "partner_chrom", "partner_position", "donor_chrom", "donor_position"),
        *("partner_strand", "donor_strand"),
    ),
    (
        Column("sample_id", "text", "the specimen", required=True),
        Column("assay_id", "text", "the data file", required=True),
        Column("event", "text", "event of the catalogue", required=True),
        Column("build", "text", "genome build", required=True),
        Column("donor", "text", "IG locus or other donor", required=True),
        Column("donor_chrom", "text", "chromosome of the donor side", required=True),
        Column("donor_position", "integer", "0-based position on the donor side", required=True, low=0),
        Column("donor_strand", "text", "kept side of the donor", allowed=("+", "-")),
        Column("partner", "text", "partner gene or window", required=True),
        Column("partner_chrom", "text", "chromosome of the partner side", required=True),
        Column("partner_position", "integer", "0-based position on the partner side", required=True, low=0),
        Column("partner_strand", "text", "kept side of the partner", allowed=("+", "-")),
        Column("callers", "list", "callers that agree"),
        Column("support", "integer", "distinct fragments", low=0),
        Column("pairs", "integer", "fragments whose two reads lie on the two sides", low=0),
        Column("splits", "integer", "fragments with a read across the junction", low=0),
        Column("reference", "integer", "fragments that run through the partner breakpoint unbroken", low=0),
        Column("exact", "flag", "both positions are known to the base"),
        Column(
            "donor_placed",
            "flag",
            "reads map uniquely (mapping quality 20) at the donor position, which else is one of several copies",
        ),
        Column("homology", "text", "bases that both sides share, counted to the partner, read from it outwards"),
        Column("inserted", "text", "bases of neither side, read from the partner outwards"),
        Column("donor_feature", "text", "part of the IGH locus (resources/ig_features.tsv); C between constant genes"),
        Column("mechanism", "text", "how the IG side broke, by its place"),
        Column("derivative", "text", "derivative chromosome that the junction makes"),
        Column("activating", "flag", "the partner gene lies on this derivative"),
        Column("enhancers", "list", "IGH enhancers on this derivative"),
        Column(
            "other_derivative",
            "text",
            "the reciprocal junction; missing where it should have been seen, which takes the discordant pairs",
            allowed=DERIVATIVE_STATES,
        ),
        Column("through", "list", "loci that a chain of junctions passes through (chrom:position, 1-based)"),
        Column("nsd2_class", "text", "class of NSD2 disruption (resources/nsd2_disruption.tsv)"),
        share("allele_fraction", "share of copies of the partner breakpoint with this junction"),
        share("allele_fraction_low", "lower 95 % bound"),
        share("allele_fraction_high", "upper 95 % bound"),
        share("clone_fraction", "share of tumour cells with this junction, where the purity is known"),
        share("clone_fraction_low", "lower 95 % bound"),
        share("clone_fraction_high", "upper 95 % bound"),
        Column("filters", "list", "reasons for which the junction does not count"),
        Column("fish_visible", "flag", "the partner breakpoint lies inside the usual FISH probe"),
    ),
)

BREAKPOINT_READS = Table(
    "breakpoint_reads",
    "Reads of the junctions of a sample, for drawing: a capped number of fragments on both sides. No bases, no names.",
    ("sample_id", "assay_id", "event", "derivative", "fragment", "side", "start"),
    (
        Column("sample_id", "text", "the specimen", required=True),
        Column("assay_id", "text", "the data file", required=True),
        Column("event", "text", "event of the catalogue", required=True),
        Column("derivative", "text", "junction: derivative chromosome, numbered where it has several", required=True),
        Column("fragment", "integer", "number of the fragment in this junction", required=True, low=1),
        Column("side", "text", "side of the junction", required=True, allowed=SIDES),
        Column("chrom", "text", "chromosome", required=True),
        Column("start", "integer", "first aligned base, 0-based", required=True, low=0),
        Column("end", "integer", "end of the aligned bases, exclusive", required=True, low=1),
        Column("strand", "text", "kept side of the junction that the read supports", allowed=("+", "-")),
        Column("kind", "text", "what the fragment is evidence by", required=True, allowed=READ_KINDS),
        Column("mapq", "integer", "mapping quality", low=0),
        Column("breakpoint", "integer", "0-based position of the junction on this side", required=True, low=0),
    ),
)

IG_REARRANGEMENTS = Table(
    "ig_rearrangements",
    "Junctions inside the IGH locus: V(D)J recombination and class switching, a control of clonality, never an event.",
    ("sample_id", "assay_id", "first_position", "second_position", "first_strand", "second_strand"),
    (
        Column("sample_id", "text", "the specimen", required=True),
        Column("assay_id", "text", "the data file", required=True),
        Column("locus", "text", "IG locus", required=True),
        Column("build", "text", "genome build", required=True),
        Column("first_position", "integer", "0-based position of the lower side", required=True, low=0),
        Column("first_strand", "text", "kept side", required=True, allowed=("+", "-")),
        Column("first_feature", "text", "part of the locus"),
        Column("second_position", "integer", "0-based position of the upper side", required=True, low=0),
        Column("second_strand", "text", "kept side", required=True, allowed=("+", "-")),
        Column("second_feature", "text", "part of the locus"),
        Column("kind", "text", "what made it", required=True, allowed=("vdj", "class_switch", "other")),
        Column("support", "integer", "distinct fragments", required=True, low=0),
    ),
)

ARTEFACT_SPOTS = Table(
    "artefact_spots",
    "Places where normal genomes show junctions with IG loci or MYC: what falls there in a tumour does not count.",
    ("build", "chrom", "start"),
    (
        Column("build", "text", "genome build", required=True),
        Column("chrom", "text", "chromosome", required=True),
        Column("start", "integer", "first base, 0-based", required=True, low=0),
        Column("end", "integer", "end, exclusive", required=True, low=1),
        Column("target", "text", "IG locus or chromosome that the reads point to", required=True),
        Column("normals", "integer", "normal genomes that show it", required=True, low=1),
        Column("fragments", "integer", "fragments in all of them", required=True, low=1),
    ),
)
