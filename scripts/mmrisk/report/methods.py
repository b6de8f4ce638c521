"""The methods of a run as text to paste: what was used, at which thresholds and versions, with its references."""

import platform
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from mmrisk import __version__
from mmrisk.contracts import (
    ASSOCIATIONS,
    BREAKPOINTS,
    CELL_QUALITY,
    COMPOSITION,
    CONFLICTS,
    EVIDENCE,
    KAPLAN_MEIER,
    PURITY,
    RISK,
    SIGNATURES,
    TRENDS,
)
from mmrisk.events import State, cutoff
from mmrisk.observations import SOURCE_NAMES
from mmrisk.report.material import Material
from mmrisk.report.words import SELECTION_WORDS, percent, plain
from mmrisk.resource import facts
from mmrisk.risk.engine import NOT_APPLICABLE, NOT_EVALUABLE, System

DOI = re.compile(r"10\.\d{4,9}/[^\s;,]+")
CUTOFFS = {
    "t_4_14": "fusions",
    "gain_1q21": "copy-number changes",
    "del_17p": "del(17p)",
    "tp53_mutation": "mutations",
}
"""An event of each kind of cut-off, and the kind in words."""
LIBRARIES = ("numpy", "scipy", "pandas")
CELL_LIBRARIES = ("anndata", "scanpy")


@dataclass(frozen=True, slots=True)
class Methods:
    """Paragraphs to paste, and the references that they rest on (what for, DOI)."""

    paragraphs: tuple[str, ...]
    references: tuple[tuple[str, str], ...]


def methods(material: Material, systems: Mapping[str, System]) -> Methods:
    """The methods of what this report shows; steps that were not taken are not spoken of."""
    used = _systems(material, systems)
    paragraphs = [
        _observations(material),
        _events(material),
        _risk(used),
        _genome(material),
        _cells(material),
        _tests(material),
        _software(material),
    ]
    return Methods(tuple(filter(None, paragraphs)), tuple(_references(material, used)))


def dois(text: str) -> list[str]:
    """DOIs of a text; brackets belong to a DOI only where they are closed inside it."""
    found = []
    for doi in DOI.findall(text):
        kept = doi.rstrip(".:")
        while kept.endswith(")") and kept.count(")") > kept.count("("):
            kept = kept[:-1].rstrip(".:")
        found.append(kept)
    return found


def _systems(material: Material, systems: Mapping[str, System]) -> list[System]:
    """Systems that gave any sample a label."""
    given = {row["system"] for row in material.all(RISK) if row["label"] not in (NOT_EVALUABLE, NOT_APPLICABLE)}
    return [system for name, system in systems.items() if name in given]


def _counted(number: int, one: str) -> str:
    return f"{number:,} {one}{'' if number == 1 else 's'}"


def _listed(items: Iterable[str]) -> str:
    *first, last = items
    return f"{', '.join(first)} and {last}" if first else last


def _observations(material: Material) -> str:
    patients = {sample["patient_id"] for sample in material.samples}
    said = f"{_counted(len(material.samples), 'sample')} of {_counted(len(patients), 'patient')} were studied."
    samples: dict[str, set[str]] = defaultdict(set)
    selections: Counter[str] = Counter()
    for row in material.all(EVIDENCE):
        samples[row["source"]].add(row["sample_id"])
        if row["source"] == "fish":
            selections[row["cell_selection"] or "unknown"] += 1
    if not samples:
        return said
    sources = [f"{SOURCE_NAMES[name]} ({len(samples[name])})" for name in SOURCE_NAMES if name in samples]
    said += f" Genetic observations (samples) came from {_listed(sources)}."
    if selections:
        whole = selections.total()
        parts = [f"{SELECTION_WORDS.get(name, name)} {percent(n / whole)}" for name, n in selections.most_common()]
        said += f" FISH results by cell selection: {', '.join(parts)}."
    return said


def _events(material: Material) -> str:
    at = {}
    for event, words in CUTOFFS.items():
        cut = cutoff(event, material.profile)
        at[words] = f"{words} {'at least' if cut.inclusive else 'more than'} {percent(cut.fraction)}"
    conflicts = material.all(CONFLICTS)
    left = sum(row["resolution"] == State.CONFLICT for row in conflicts)
    found = f"; {_counted(len(conflicts), 'disagreement')}, of which {left} left open and taken as unknown"
    return (
        f"Events were called at the cut-offs of profile {material.profile} (share of cells: {', '.join(at.values())}). "
        "An event counts as absent only where an assay looked for it and would have seen a clone above the cut-off; "
        "otherwise it is not evaluable or not tested. Observations of one event were settled by a fixed order of "
        f"precedence{found if conflicts else ''}."
    )


def _risk(used: Iterable[System]) -> str:
    names = [f"{system.name} ({system.version})" for system in used]
    if not names:
        return ""
    return (
        f"Risk was assigned by {_listed(names)}. Each system was evaluated on every completion of the inputs that are "
        "not known; a label is given only where all completions agree, otherwise the labels still possible are shown."
    )


def _genome(material: Material) -> str:
    fits = [row for row in material.all(PURITY) if row["rank"] == 1]
    junctions = {row["sample_id"] for row in material.all(BREAKPOINTS) if not row["filters"]}
    said = []
    if fits:
        kinds = Counter(row["method"] for row in fits)
        words = [f"{plain(name)} in {number}" for name, number in sorted(kinds.items())]
        said.append(f"Copy number came from {_counted(len(fits), 'data file')}; purity was {_listed(words)}.")
    if junctions:
        said.append(f"Junctions of IG loci or MYC were found in {_counted(len(junctions), 'sample')}.")
    return " ".join(said)


def _cells(material: Material) -> str:
    quality = material.all(CELL_QUALITY)
    shares = material.all(COMPOSITION)
    if not quality and not shares:
        return ""
    said = []
    if quality:
        kept = sum(row["n_cells"] for row in quality)
        said.append(f"{_counted(kept, 'single cell')} of {_counted(len(quality), 'data file')} were kept.")
    if shares:
        denominators = sorted({plain(row["denominator"]) for row in shares})
        said.append(f"Shares of cells are given with {_listed(denominators)} as denominator, with centred log-ratios.")
    programmes = {row["signature"] for row in material.all(SIGNATURES)}
    if programmes:
        said.append(f"{_counted(len(programmes), 'programme')} were scored as the mean over the cells of one kind.")
    return " ".join(said)


def _tests(material: Material) -> str:
    rows = [row for row in material.all(ASSOCIATIONS) if row["status"] == "tested"]
    said = []
    if rows:
        families = {row["family"] for row in rows}
        covariates = sorted({name for row in rows for name in row["adjusted_for"]})
        said.append(
            f"Association was tested {len(rows):,} times with moderated linear models, patients as units; p was "
            f"adjusted within each of {len(families)} families (Benjamini-Hochberg)."
        )
        if covariates:
            said.append(f"Covariates, where they vary: {_listed(map(plain, covariates))}.")
        if any(row["p_permutation"] is not None for row in rows):
            said.append("Where a group is small, p is that of a permutation test.")
        if any(row["model"] == "random_intercept" for row in rows):
            said.append("Repeated samples have an intercept per patient.")
    if material.all(TRENDS):
        said.append("Trends along the steps of the disease are Jonckheere-Terpstra tests.")
    if material.all(KAPLAN_MEIER):
        said.append("Survival is shown as Kaplan-Meier curves by label.")
    return " ".join(said)


def _software(material: Material) -> str:
    names = [*LIBRARIES, *(CELL_LIBRARIES if material.all(CELL_QUALITY) else ())]
    found = [f"{name} {_version(name)}" for name in names if _version(name)]
    return f"Software: mmrisk {__version__}, Python {platform.python_version()}, {', '.join(found)}. For research use."


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _references(material: Material, used: Iterable[System]) -> Iterable[tuple[str, str]]:
    """What each reference is for, with its DOI, each once; for programmes and kinds of cells only those shown."""
    found: dict[str, list[str]] = defaultdict(list)
    for system in used:
        for doi in dois(system.doi):
            found[doi].append(system.name)
    for row in facts("cutoffs.tsv"):
        if row["profile"] in ("emn2012", material.profile):
            for doi in dois(row["source"]):
                found[doi].append("cut-offs")
    shown = {row["signature"] for row in material.all(SIGNATURES)} | {
        row["cell_type"] for row in material.all(COMPOSITION)
    }
    for row in facts("signatures.tsv") if shown else ():
        if row["id"] in shown:
            for doi in dois(row["doi"]):
                found[doi].append("genes of cells and programmes")
    return [(", ".join(dict.fromkeys(what)), doi) for doi, what in found.items()]
