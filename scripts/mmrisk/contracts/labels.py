"""Contracts of risk labels and of what would settle the open ones."""

from mmrisk.contracts.model import Column, Table
from mmrisk.events import Tier

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
    "The single test to order next: by what R2-ISS and IMS-2025 need, then by all other systems.",
    ("sample_id",),
    (
        Column("sample_id", "text", "the specimen", required=True),
        Column("test", "text", "the test; empty where no label is open"),
        Column("decides", "list", "systems that the test is sure to decide"),
        Column("may_decide", "list", "systems that some of its results would decide"),
        Column("needed_for", "list", "R2-ISS and IMS-2025, where they need the test among others"),
        Column("open_systems", "list", "systems without a label today"),
    ),
)
