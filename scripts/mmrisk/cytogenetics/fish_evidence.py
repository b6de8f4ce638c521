"""FISH reports into evidence: strings and prose together, ploidy of the whole report, and what stays unread."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from mmrisk.cytogenetics.clause_state import PRESENT, UNKNOWN
from mmrisk.cytogenetics.findings import Finding
from mmrisk.cytogenetics.fish import METAPHASE, NO_CELLS, SEQUENCING, Cells, Hybridisation, write_iscn
from mmrisk.cytogenetics.fish_copies import Ploidy, find_ploidy, observe_copies
from mmrisk.cytogenetics.fish_fusions import observe_fusions, observe_splits
from mmrisk.cytogenetics.fish_strings import FishString, find_string
from mmrisk.cytogenetics.observations import Observation, choose, make_evidence, without_absence
from mmrisk.cytogenetics.plain import make_plain
from mmrisk.cytogenetics.probes import find_probe, is_clone_name
from mmrisk.cytogenetics.prose import Sentence, read_sentences
from mmrisk.cytogenetics.reading import Reading, Unread, in_catalogue_order
from mmrisk.cytogenetics.statements import find_counts, observe_finding
from mmrisk.cytogenetics.tokens import Token, find_tokens, mend_wraps, split_count
from mmrisk.cytogenetics.vocabulary import is_known_word
from mmrisk.cytogenetics.whole_report import (
    warn_of_two_fusions,
    with_hyperdiploidy,
    without_derivatives,
    without_partial_losses,
)
from mmrisk.events import State

_KEPT_READINGS = 512
NO_PROBE = "no probe or change is named: list the probes that were tested"


@dataclass(frozen=True, slots=True)
class _Report:
    """What a text says, without the sample it belongs to."""

    observations: tuple[Observation, ...]
    normalised: str
    unread: tuple[Unread, ...]
    events: tuple[str, ...]


def read_fish(text: str, *, sample_id: str, assay_id: str, cell_selection: str = "unknown") -> Reading:
    """Read a FISH report: `nuc ish` strings of any edition, colour shorthand, and sentences about them.

    `cell_selection` is cd138, cig, none or unknown (how plasma cells were chosen). Never raises: what is not
    understood is in `unread`, and no event beside it is called absent.
    """
    report = _read(text)
    evidence = tuple(
        make_evidence(one, sample_id=sample_id, assay_id=assay_id, cell_selection=cell_selection)
        for one in report.observations
    )
    return Reading(evidence=evidence, normalised=report.normalised, unread=report.unread, events=report.events)


@lru_cache(maxsize=_KEPT_READINGS)
def _read(text: str) -> _Report:
    plain, places = make_plain(text)
    tokens = mend_wraps(find_tokens(plain), _is_known)
    strings = {found.first: found for found in _find_strings(tokens)}
    sentences = read_sentences(tokens, {first: found.after for first, found in strings.items()})
    counted = [find_counts(sentence.findings) for sentence in sentences]
    ploidy = find_ploidy(
        [*_interphase(strings.values()), *(one for counts in counted for one in counts)],
        stated=any(_states_tetraploid(finding) for sentence in sentences for finding in sentence.findings),
    )
    nuclei = next((one.nuclei for one in sentences if one.nuclei and not one.findings and not one.strings), None)
    made: list[Observation] = []
    for sentence, counts in zip(sentences, counted, strict=True):
        made += _observe_sentence(sentence, counts, strings, ploidy, nuclei)
    events = {one.event for one in made}
    chosen = choose(without_partial_losses(without_derivatives(made)))
    if ploidy.observation is not None and not any(one.event == "near_tetraploid" for one in chosen):
        chosen.append(ploidy.observation)
    chosen = warn_of_two_fusions(with_hyperdiploidy(chosen))
    return _Report(
        observations=tuple(chosen),
        normalised=_normalise(strings.values(), made),
        unread=tuple(_unread(text, tokens, places, sentences, strings)),
        events=in_catalogue_order(events | {one.event for one in chosen}),
    )


def _is_known(word: str) -> bool:
    name, _ = split_count(word)
    return (
        is_known_word(word) or not name or find_probe(name) is not None or word.lower() in ("nuc", "ish", "con", "sep")
    )


def _find_strings(tokens: list[Token]) -> Iterator[FishString]:
    here = 0
    while here < len(tokens):
        signed = (
            here > 0 and tokens[here].kind == "band" and tokens[here - 1].text in ("-", "+") and not tokens[here].spaced
        )
        found = None if signed else find_string(tokens, here)
        if found is None:
            here += 1
            continue
        yield found
        here = max(found.after, here + 1)


def _interphase(strings: Iterable[FishString]) -> list[Hybridisation]:
    return [
        one for string in strings if string.technique not in (METAPHASE, SEQUENCING) for one in string.hybridisations
    ]


def _states_tetraploid(finding: Finding) -> bool:
    return finding.events == ("near_tetraploid",) and finding.status == PRESENT


def _observe_sentence(
    sentence: Sentence,
    counts: list[Hybridisation],
    strings: dict[int, FishString],
    ploidy: Ploidy,
    nuclei: int | None,
) -> Iterator[Observation]:
    scored = sentence.nuclei or nuclei
    for first in sentence.strings:
        string = strings[first]
        not_understood = bool(sentence.unread) or sentence.failed or any(not odd.harmless for odd in string.odd)
        for one in _observe_string(string, ploidy):
            yield without_absence(one, "unread_text") if not_understood else one
    made = [one for finding in sentence.findings for one in observe_finding(finding)]
    unsure = any(finding.another and finding.status == UNKNOWN for finding in sentence.findings)
    for hybridisation in counts:
        fusions = _as_prose(observe_fusions(hybridisation, ploidy=ploidy, counted_in_prose=True))
        made += [without_absence(one, "uncertain_wording") for one in fusions] if sentence.speaks_of_fusion else fusions
        copies = _as_prose(observe_copies(hybridisation, ploidy=ploidy, method="prose"))
        made += [without_absence(one, "uncertain_wording") for one in copies] if unsure else copies
    for one in made:
        said = _with_nuclei(one, scored)
        if sentence.undecided and said.state in (State.PRESENT, State.ABSENT):
            warnings = said.warnings | {"uncertain_wording"}
            said = replace(said, state=State.NOT_EVALUABLE, cells=NO_CELLS, warnings=warnings)
        if sentence.metaphase:
            said = replace(said, basis="metaphases")
        yield without_absence(said, "unread_text") if sentence.unread else said


def _as_prose(observations: Iterable[Observation]) -> list[Observation]:
    return [replace(one, method="prose") for one in observations]


def _with_nuclei(one: Observation, scored: int | None) -> Observation:
    """Nuclei scored, said in a sentence, put to the result that does not carry its own."""
    if scored is None or one.cells.scored is not None:
        return one
    if one.state is State.ABSENT:
        return replace(one, cells=Cells(scored=scored))
    share = one.cells.share
    if one.state is State.PRESENT and share is not None and abs(round(share * scored) / scored - share) < 0.5 / scored:
        return replace(one, cells=Cells(round(share * scored), scored))
    return one


def _observe_string(string: FishString, ploidy: Ploidy) -> Iterator[Observation]:
    metaphase, sequencing = string.technique == METAPHASE, string.technique == SEQUENCING
    baseline = Ploidy() if metaphase or sequencing else ploidy
    for hybridisation in string.hybridisations:
        made = [
            *observe_fusions(hybridisation, ploidy=baseline),
            *observe_splits(hybridisation),
            *observe_copies(hybridisation, ploidy=baseline),
        ]
        uncounted = any(clone.cells.unread for clone in hybridisation.clones)
        for said in made:
            one = _undecided(said) if uncounted else said
            if metaphase:
                yield replace(one, basis="metaphases")
            elif sequencing:
                yield replace(one, basis="reads", source="panel", method="rsa")
            else:
                yield one


def _undecided(one: Observation) -> Observation:
    """The same where the count of nuclei was not understood: it may lie on either side of any cut-off."""
    warnings = one.warnings | {"unread_text"}
    return replace(one, state=State.NOT_EVALUABLE, cells=NO_CELLS, limit=None, copies=None, warnings=warnings)


def _normalise(strings: Iterable[FishString], observations: Iterable[Observation]) -> str:
    """ISCN 2024 of the strings, then the statements of the prose."""
    written = [write_iscn(list(one.hybridisations), technique=one.technique) for one in strings]
    said = [
        f"{one.event} {one.state}{str(one.cells) if one.state is State.PRESENT else ''}"
        for one in observations
        if one.method in ("prose", "colours")
    ]
    return ".".join(written) + ("; " if written and said else "") + "; ".join(dict.fromkeys(said))


def _unread(
    text: str,
    tokens: list[Token],
    places: Sequence[int],
    sentences: list[Sentence],
    strings: dict[int, FishString],
) -> Iterator[Unread]:
    """Pieces not understood, where they stand in the text as it came."""
    spans = {(tokens[run[0]].start, tokens[run[-1]].end, "") for one in sentences for run in _runs(one.unread)}
    judged = any(one.judges for one in sentences)
    if judged and not strings and not any(one.findings for one in sentences):  # `FISH: normal`
        spans = {(tokens[0].start, tokens[-1].end, NO_PROBE)}
    for string in strings.values():
        spans |= {(odd.start, odd.end, odd.reason) for odd in string.odd}
        spans |= set(_unknown_probes(string, tokens))
    for start, end, reason in sorted(spans):
        yield Unread(places[start], text[places[start] : places[end]].rstrip(), reason)


def _runs(numbers: Iterable[int]) -> list[list[int]]:
    """Numbers that follow each other, together."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return runs


def _unknown_probes(string: FishString, tokens: list[Token]) -> Iterator[tuple[int, int, str]]:
    names = {
        name
        for hybridisation in string.hybridisations
        for name in hybridisation.names
        if find_probe(name) is None and not is_clone_name(name)
    }
    for token in tokens[string.first : string.after]:
        name = split_count(token.text)[0]
        if token.kind == "word" and any(name and (name == one or name in one.split("-")) for one in names):
            yield token.start, token.start + len(name), "unknown probe"
