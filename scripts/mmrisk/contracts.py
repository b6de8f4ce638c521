"""The declared tables: one contract for each table that crosses a rule, the source of the data dictionary."""

from dataclasses import dataclass

from mmrisk.events import State, Tier

DTYPES = {"text": "string", "list": "string", "number": "Float64", "integer": "Int64", "flag": "boolean"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `kind` is text, list (joined by `;`, sorted), number, integer or flag."""

    name: str
    kind: str
    about: str
    required: bool = False
    allowed: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table contract: one row per `key`, sorted by it; missing in TSV is the empty field only."""

    name: str
    about: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    @property
    def names(self) -> list[str]:
        """Column names in order."""
        return [column.name for column in self.columns]


def _share(name: str, about: str) -> Column:
    return Column(name, "number", about, low=0.0, high=1.0)


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
        _share("fraction", "share of cells with the event"),
        Column("fraction_basis", "text", "which cells the share counts", allowed=BASES),
        _share("fraction_low", "lower 95 % bound of the share"),
        _share("fraction_high", "upper 95 % bound of the share"),
        _share("detection_limit", "smallest share that would have been seen with 95 % power"),
        Column("n_abnormal", "integer", "cells, reads or metaphases with the event", low=0),
        Column("n_scored", "integer", "cells, reads or metaphases looked at", low=0),
        Column("cell_selection", "text", "how plasma cells were selected", allowed=SELECTIONS),
        _share("purity", "share of tumour cells in the material"),
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
        _share("fraction", "share of cells with the event, on the basis of the deciding evidence"),
        Column("fraction_basis", "text", "which cells the share counts", allowed=BASES),
        _share("fraction_low", "lower 95 % bound of the share"),
        _share("fraction_high", "upper 95 % bound of the share"),
        _share("detection_limit", "smallest share that the deciding evidence would have seen"),
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

RISK = Table(
    "risk",
    "One label per sample and risk system, from complete or partial information.",
    ("sample_id", "system"),
    (
        Column("sample_id", "text", "the specimen", required=True),
        Column("system", "text", "risk system", required=True),
        Column("label", "text", "the label, or not_evaluable", required=True),
        Column("possible", "list", "labels still possible, from low to high risk", required=True),
        Column("label_best", "text", "the lowest risk still possible", required=True),
        Column("label_worst", "text", "the highest risk still possible", required=True),
        Column("complete", "flag", "every input of the system is known", required=True),
        Column("tier", "text", "inferred where RNA decided an input", allowed=tuple(map(str, Tier))),
        Column("points", "text", "points of additive systems; a range where inputs are missing"),
        Column("criteria", "list", "criteria that are certainly met"),
        Column("missing", "list", "inputs that are not known"),
        Column("would_decide", "list", "smallest set of unknown inputs that is sure to decide"),
        Column("flags", "list", "what a careful reader would want to know"),
        Column("version", "text", "version of the system", required=True),
        Column("doi", "text", "publication of the system", required=True),
    ),
)

TO_ORDER = Table(
    "to_order",
    "The single test that would make most labels determinate.",
    ("sample_id",),
    (
        Column("sample_id", "text", "the specimen", required=True),
        Column("test", "text", "the test; empty where no label is open"),
        Column("decides", "list", "systems that the test is sure to decide"),
        Column("may_decide", "list", "systems that some of its results would decide"),
        Column("open_systems", "list", "systems without a label today"),
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
        Column("minor_copies", "number", "copies of the minor allele", low=0.0),
        Column("n_markers", "integer", "bins or markers", low=0),
    ),
)

BREAKPOINTS = Table(
    "breakpoints",
    "Junctions between an IG locus or MYC and a partner.",
    ("sample_id", "assay_id", "event", "partner_chrom", "partner_position", "donor_chrom", "donor_position"),
    (
        Column("sample_id", "text", "the specimen", required=True),
        Column("assay_id", "text", "the data file", required=True),
        Column("event", "text", "event of the catalogue", required=True),
        Column("build", "text", "genome build", required=True),
        Column("donor", "text", "IG locus or other donor", required=True),
        Column("donor_chrom", "text", "chromosome of the donor side", required=True),
        Column("donor_position", "integer", "0-based position on the donor side", required=True, low=0),
        Column("partner", "text", "partner gene or window", required=True),
        Column("partner_chrom", "text", "chromosome of the partner side", required=True),
        Column("partner_position", "integer", "0-based position on the partner side", required=True, low=0),
        Column("callers", "list", "callers that agree"),
        Column("support", "integer", "fragments", low=0),
        Column("filters", "list", "filters set by the caller"),
        Column("fish_visible", "flag", "the partner breakpoint lies inside the usual FISH probe"),
    ),
)

STATUS = Table(
    "status",
    "What happened to each input.",
    ("sample_id", "assay_id"),
    (
        Column("sample_id", "text", "the specimen; * for a file of many", required=True),
        Column("assay_id", "text", "the data file or report", required=True),
        Column("status", "text", "ok, or failed", required=True, allowed=("ok", "failed")),
        Column("rows", "integer", "evidence rows made", low=0),
        Column("message", "text", "what went wrong and what to do"),
    ),
)

PARSED = Table(
    "parsed",
    "How each laboratory string was read.",
    ("sample_id", "assay_id"),
    (
        Column("sample_id", "text", "the specimen", required=True),
        Column("assay_id", "text", "the report", required=True),
        Column("method", "text", "karyotype, fish or array", required=True),
        Column("text", "text", "the string as it came", required=True),
        Column("normalised", "text", "the string in ISCN 2024 form, or the statements that were read"),
        Column("unread", "list", "pieces that were not understood, each with its place (0-based)"),
        Column("events", "list", "events that the string speaks of"),
    ),
)

TABLES = (EVIDENCE, EVENTS, CONFLICTS, RISK, TO_ORDER, SEGMENTS, BREAKPOINTS, STATUS, PARSED)
