"""Contracts of what became of each input."""

from mmrisk.contracts.model import Column, Table

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
