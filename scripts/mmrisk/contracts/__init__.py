"""The declared tables: one contract for each table that crosses a rule, the source of the data dictionary."""

from mmrisk.contracts.genetics import (
    BASES,
    BREAKPOINTS,
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
    SPIKES,
    COMPOSITION,
    SIGNATURES,
    TARGETS,
    CELL_QUALITY,
    CELL_ARMS,
    IDENTITY,
    STATUS,
    PARSED,
)

__all__ = [
    "BASES",
    "BREAKPOINTS",
    "CELL_ARMS",
    "CELL_QUALITY",
    "COMPOSITION",
    "CONFLICTS",
    "DTYPES",
    "EVENTS",
    "EVIDENCE",
    "IDENTITY",
    "PARSED",
    "PURITY",
    "RISK",
    "SEGMENTS",
    "SELECTIONS",
    "SIGNATURES",
    "SOURCES",
    "SPIKES",
    "STATES",
    "STATUS",
    "TABLES",
    "TARGETS",
    "TO_ORDER",
    "Column",
    "Table",
]
