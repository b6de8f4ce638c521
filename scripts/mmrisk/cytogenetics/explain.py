"""A karyotype, array or FISH string explained, so that a cytogeneticist can check how it was read."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from mmrisk.cytogenetics import ideogram
from mmrisk.cytogenetics.array import parse_array
from mmrisk.cytogenetics.array_evidence import array_view, read_array
from mmrisk.cytogenetics.caution import read_fish_with_caution
from mmrisk.cytogenetics.clone_verdicts import why_no_plasma_cells
from mmrisk.cytogenetics.clones import Clone, build_clones
from mmrisk.cytogenetics.copies import CopyProfile
from mmrisk.cytogenetics.karyotype_evidence import read_karyotype
from mmrisk.cytogenetics.karyotype_parser import parse_karyotype
from mmrisk.cytogenetics.reading import Unread
from mmrisk.cytogenetics.reports import find_parts, kind_of
from mmrisk.events import DEFAULT_PROFILE, STATE_NAMES, Evidence, State
from mmrisk.tables import states_at_profile

SEEN = (State.PRESENT, State.SUBTHRESHOLD)


def explain(text: str, *, profile: str = DEFAULT_PROFILE) -> str:
    """How each part of one string is read, as text; states at the profile's cut-offs, as in the table of evidence.

    Of karyotypes and arrays clones, chromosomes, net gains and losses, with a drawing of the changed chromosomes; of
    FISH strings and sentences the normal form, and what is said of each event in which share of cells.
    """
    explained = {"karyotype": _karyotype_lines, "array": _array_lines, "fish": _fish_lines}
    parts = [explained[kind](text[start:end], profile) for kind, start, end in find_parts(text, kind_of(text))]
    return "\n\n".join("\n".join(lines) for lines in parts) + "\n" if parts else "nothing read\n"


def ideogram_svg(text: str) -> str:
    """The abnormal clones of a karyotype as an SVG drawing."""
    karyotype = parse_karyotype(text)
    clones = build_clones(karyotype)
    abnormal = tuple(clone for clone in clones if clone.abnormal)
    return ideogram.draw_svg(abnormal or clones[:1], title=str(karyotype))


def _karyotype_lines(text: str, profile: str) -> Iterator[str]:
    karyotype = parse_karyotype(text)
    yield str(karyotype) or "nothing read"
    yield from _reading_lines(karyotype.repairs, karyotype.unread)
    for start, part in karyotype.elsewhere:
        yield f"  at {start}: {part} (another technique)"
    for clone in build_clones(karyotype):
        yield ""
        yield from _clone_lines(clone)
    yield ""
    yield from _event_lines(read_karyotype(text, sample_id="", assay_id="").evidence, profile)


def _reading_lines(repairs: tuple[str, ...], unread: tuple[Unread, ...]) -> Iterator[str]:
    for repair in repairs:
        yield f"  repaired: {repair}"
    for piece in unread:
        yield f"  unread at {piece.start}: {piece.text!r}" + (f" ({piece.reason})" if piece.reason else "")


def _clone_lines(clone: Clone) -> Iterator[str]:
    yield f"Clone {clone.number}: {clone.written}"
    yield f"  {clone.chromosomes} chromosomes, baseline {clone.ploidy}n"
    reason = why_no_plasma_cells(clone)
    if reason:
        yield f"  no plasma-cell evidence: {reason}"
    for text in clone.inborn:
        yield f"  constitutional: {text}"
    for item in clone.derivatives:
        if item.chromosome is None:
            yield f"  {item.text}: cannot be worked out"
        elif item.text not in ("mar", "r", "dmin") and item.operations:
            yield f"  {item.text}: {' :: '.join(map(ideogram.describe, item.chromosome.segments))}"
    yield from _net_lines(clone.profiles(), clone.baseline, clone.unresolved)
    if clone.hidden:
        yield f"  unknown material: {', '.join(clone.hidden)}"
    for warning in clone.warnings:
        yield f"  warning: {warning}"


def _net_lines(
    profiles: Mapping[str, CopyProfile], baseline: Mapping[str, int], unresolved: frozenset[str]
) -> Iterator[str]:
    for word, sign in (("gained", 1), ("lost", -1)):
        changes = [
            f"{_place(profile, piece.first, piece.last)} {piece.copies - baseline[chrom]:+d}"
            for chrom, profile in profiles.items()
            for piece in profile.pieces()
            if (piece.copies - baseline[chrom]) * sign > 0 and chrom not in unresolved
        ]
        yield f"  {word}: {', '.join(changes) or 'nothing'}"
    if unresolved:
        yield f"  not known: {', '.join(chrom for chrom in profiles if chrom in unresolved)}"
    drawn = ideogram.draw_clone(profiles, baseline, unresolved)
    if drawn:
        yield f"  {ideogram.LEGEND}"
        yield from drawn


def _place(profile: CopyProfile, first: str, last: str) -> str:
    return profile.chrom if (first, last) == ("pter", "qter") else f"{profile.chrom}{first}-{last}"


def _event_lines(evidence: tuple[Evidence, ...], profile: str) -> Iterator[str]:
    """Events that are present or below the cut-off, in words, and the others by name."""
    decided = list(_at_cutoffs(evidence, profile))
    for item in decided:
        if item.state in SEEN:
            warnings = f" [{', '.join(item.warnings)}]" if item.warnings else ""
            yield f"{item.event} {STATE_NAMES[item.state]}: {item.detail}{warnings}"
    for state in (State.ABSENT, State.NOT_EVALUABLE):
        names = [item.event for item in decided if item.state is state]
        if names:
            yield f"{str(state).replace('_', ' ')}: {', '.join(names)}"


def _array_lines(text: str, profile: str) -> Iterator[str]:
    array = parse_array(text)
    yield str(array)
    yield from _reading_lines(array.repairs, array.unread)
    view = array_view(array, build=array.build or "GRCh38")
    yield f"  build {array.build or 'not given, GRCh38 taken for the drawing'}, baseline {view.ploidy}n"
    yield from _net_lines(view.profiles, view.baseline, view.unresolved)
    yield from _event_lines(read_array(text, sample_id="", assay_id="").evidence, profile)


def _fish_lines(text: str, profile: str) -> Iterator[str]:
    reading = read_fish_with_caution(text, sample_id="", assay_id="")
    yield reading.normalised or "nothing read"
    yield from _reading_lines(reading.repairs, reading.unread)
    for item in _at_cutoffs(reading.evidence, profile):
        yield f"{item.event} {STATE_NAMES[item.state]}{_seen_in(item)}"


def _at_cutoffs(evidence: tuple[Evidence, ...], profile: str) -> Iterator[Evidence]:
    """The evidence with the states that the table gives it."""
    import pandas as pd

    columns = ["event", "state", "fraction", "fraction_low", "fraction_high", "detection_limit"]
    rows = [tuple(getattr(item, name) for name in columns) for item in evidence]
    states = states_at_profile(pd.DataFrame(rows, columns=columns, dtype=object), profile) if rows else ()
    for item, state in zip(evidence, states, strict=True):
        yield replace(item, state=State(state))


def _seen_in(item: Evidence) -> str:
    """Share of cells, limit and reservations of an observation, as words."""
    words = ""
    if item.state in SEEN and item.fraction is not None:
        words += f" in {item.fraction:.1%}"
    elif item.state in SEEN and item.fraction_low is not None:
        words += f" in at least {item.fraction_low:.1%}"
    if item.n_scored is not None:
        words += f" ({item.n_scored if item.n_abnormal is None else f'{item.n_abnormal}/{item.n_scored}'} nuclei)"
    if item.detection_limit is not None:
        words += f", a clone of {item.detection_limit:.1%} would have been seen"
    return words + (f" [{', '.join(item.warnings)}]" if item.warnings else "")
