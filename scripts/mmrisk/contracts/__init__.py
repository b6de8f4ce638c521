"""The declared tables: one contract for each table that crosses a rule, the source of the data dictionary."""

from mmrisk.contracts.associations import ASSOCIATIONS, KAPLAN_MEIER, SENSITIVITY, SURVIVAL, TRENDS
from mmrisk.contracts.genetics import (
    BASES,
    CONFLICTS,
    EVENTS,
    EVIDENCE,
    PURITY,
    SEGMENTS,
    SELECTIONS,
    SOURCES,
    SPIKES,
    STATES,
)
from mmrisk.contracts.inputs import PARSED, STATUS
from mmrisk.contracts.junctions import ARTEFACT_SPOTS, BREAKPOINT_READS, BREAKPOINTS, IG_REARRANGEMENTS
from mmrisk.contracts.labels import RISK, TO_ORDER
from mmrisk.contracts.microenvironment import CELL_ARMS, CELL_QUALITY, COMPOSITION, IDENTITY, SIGNATURES, TARGETS
from mmrisk.contracts.model import DTYPES, Column, Table

TABLES = (
    EVIDENCE,
    EVENTS,
    CONFLICTS,
    RISK,
    TO_ORDER,
    SEGMENTS,
    PURITY,
    BREAKPOINTS,
    BREAKPOINT_READS,
    IG_REARRANGEMENTS,
    ARTEFACT_SPOTS,
    SPIKES,
    COMPOSITION,
    SIGNATURES,
    TARGETS,
    CELL_QUALITY,
    CELL_ARMS,
    IDENTITY,
    ASSOCIATIONS,
    SENSITIVITY,
    TRENDS,
    SURVIVAL,
    KAPLAN_MEIER,
    STATUS,
    PARSED,
)

__all__ = [
    "ARTEFACT_SPOTS",
    "ASSOCIATIONS",
    "BASES",
    "BREAKPOINTS",
    "BREAKPOINT_READS",
    "CELL_ARMS",
    "CELL_QUALITY",
    "COMPOSITION",
    "CONFLICTS",
    "DTYPES",
    "EVENTS",
    "EVIDENCE",
    "IDENTITY",
    "IG_REARRANGEMENTS",
    "KAPLAN_MEIER",
    "PARSED",
    "PURITY",
    "RISK",
    "SEGMENTS",
    "SELECTIONS",
    "SENSITIVITY",
    "SIGNATURES",
    "SOURCES",
    "SPIKES",
    "STATES",
    "STATUS",
    "SURVIVAL",
    "TABLES",
    "TARGETS",
    "TO_ORDER",
    "TRENDS",
    "Column",
    "Table",
]
