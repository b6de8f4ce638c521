"""From marks to findings: the changes, translocations and bare subjects of a sentence, before their status is known."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from mmrisk.cytogenetics.colours import ColourPattern
from mmrisk.cytogenetics.fish import NO_CELLS, Cells, Copies, Part
from mmrisk.cytogenetics.tokens import Mark

LOSSES = frozenset({"loss", "monosomy"})
GAINS = frozenset({"gain", "trisomy", "tetrasomy", "pentasomy", "amplification"})
_SEVERAL_EXTRA = frozenset({"amplification", "tetrasomy", "pentasomy"})
FUSIONS = frozenset({"fusion", "translocation", "split", "break_apart"})
_BEFORE_CHANGE = frozenset({"connector", "zygosity", "half", "close", "open", "colon", "dash", "slash"})
_AFTER_CHANGE = frozenset({"connector", "zygosity", "half", "open", "colon", "extra"})
_LINKS = frozenset({"comma", "slash", "and", "or", "dash"})


@dataclass(slots=True, eq=False)
class Finding:
    """One statement under way. `kind`: a change, `pair` (two probes of a fusion), `subject` (no change named) or
    `ploidy`. `item` numbers the comma-separated pieces of the clause. `vague`: called abnormal, but not in which way.
    `answered`: its status is a result, not a verb that may speak of such findings in general. `another`: a second
    number of copies of the same subject, so another clone. `denied_list`: in a list that began with a denial.
    """

    kind: str
    parts: tuple[Part, ...] = ()
    events: tuple[str, ...] = ()
    status: str = ""
    cells: Cells = NO_CELLS
    copies: Copies | None = None
    delta: bool = False
    zygosity: str = ""
    partial: bool = False
    colours: ColourPattern | None = None
    colours_at: int = -1
    limit: float | None = None
    item: int = 0
    adjective: bool = False
    vague: bool = False
    answered: bool = False
    another: bool = False
    denied_list: bool = False
    warnings: set[str] = field(default_factory=set)
    first: int = 0
    after: int = 0

    @property
    def asserts(self) -> bool:
        """Whether it states an abnormality by itself, as `del(17p)` does and `TP53` does not."""
        return self.kind not in ("subject", "pair", "break_apart")

    @property
    def goes_further(self) -> bool:
        """Whether it is more than one copy lost or won: `amplification`, `homozygous deletion`, `tetrasomy`."""
        if self.kind in LOSSES:
            return self.zygosity == "two"
        return self.kind in GAINS and (self.kind in _SEVERAL_EXTRA or (self.copies or Copies(3, 3)).low >= 4)

    @property
    def explains_colours(self) -> bool:
        """Whether a colour pattern means something for its probes: a fusion kit or a break-apart kit."""
        return bool(self.events) or any(part.probe is not None and part.probe.split for part in self.parts)

    @property
    def family(self) -> str:
        """Rough kind, to see whether a list is of one sort."""
        if self.kind in LOSSES:
            return "loss"
        if self.kind in GAINS:
            return "gain"
        return "fusion" if self.kind in FUSIONS or self.kind == "pair" else self.kind


Node = Finding | Mark


def find_findings(marks: list[Mark]) -> list[Node]:
    """Marks of a clause with subjects, changes and names joined into findings; all other marks stay where they are."""
    marks = _without_apposition(list(_split_counted(marks)))
    nodes: list[Node] = []
    here = 0
    while here < len(marks):
        mark = marks[here]
        if mark.kind == "named":
            nodes.append(_named(mark))
            here += 1
        elif mark.kind == "signals":
            _apply_signals(mark.value, nodes)
            here += 1
        elif mark.kind == "ploidy":
            nodes.append(Finding("ploidy", events=(mark.value,), first=mark.first, after=mark.after))
            here += 1
        elif mark.kind == "subject":
            here = _add_subjects(marks, here, nodes, for_change=False)
        elif mark.kind == "change" or mark.kind == "extra":
            here = _add_change(marks, here, nodes)
        else:
            nodes.append(mark)
            here += 1
    return nodes


def _split_counted(marks: list[Mark]) -> Iterator[Mark]:
    for mark in marks:
        if mark.kind == "counted":
            part, copies = mark.value
            yield Mark("subject", part, mark.first, mark.after)
            yield Mark("copies", copies, mark.first, mark.after)
        elif mark.kind == "denied":
            yield Mark("change", mark.value, mark.first, mark.after)
            yield Mark("negative", "trail", mark.first, mark.after)
        else:
            yield mark


def _without_apposition(marks: list[Mark]) -> list[Mark]:
    """`TP53 (17p13.1)` and `13q14 (RB1)` name one thing twice: the gene or marker is kept."""
    kept: list[Mark] = []
    here = 0
    while here < len(marks):
        mark = marks[here]
        kinds = [one.kind for one in marks[here : here + 4]]
        if kinds == ["subject", "open", "subject", "close"]:
            outer, inner = mark.value.probe, marks[here + 2].value.probe
            if outer is not None and inner is not None and outer.chrom == inner.chrom and not mark.value.end:
                vague = outer.roles & {"region", "arm", "chromosome"} and not inner.roles & {
                    "region",
                    "arm",
                    "chromosome",
                }
                part = marks[here + 2].value if vague else mark.value
                kept.append(Mark("subject", part, mark.first, marks[here + 3].after))
                here += 4
                continue
        kept.append(mark)
        here += 1
    return kept


def _named(mark: Mark) -> Finding:
    named = mark.value
    return Finding(named.kind, named.parts, named.events, first=mark.first, after=mark.after)


def _apply_signals(signals: dict[Part, str], nodes: list[Node]) -> None:
    """What a metaphase shows of an abnormality: probes missing on it are lost, a fusion needs both partners on it."""
    finding = nodes[-1] if nodes and isinstance(nodes[-1], Finding) else None
    if finding is None:
        finding = Finding("silent")
        nodes.append(finding)
    if finding.kind == "moved":
        return
    if finding.kind in FUSIONS:
        seen = [part for part, sign in signals.items() if sign == "+"]
        if not any(pair_events(one, other) for one in seen for other in seen):
            finding.kind, finding.events = "moved", ()
        return
    missing = tuple(part for part, sign in signals.items() if sign == "-")
    finding.kind = "loss" if missing else "silent"
    finding.parts = missing
    finding.partial = any(part.end for part in missing)


def _add_subjects(marks: list[Mark], place: int, nodes: list[Node], *, for_change: bool) -> int:
    """Add a list of subjects as one finding, pairs of a fusion as findings of their own."""
    parts, after = gather_subjects(marks, place, for_change=for_change)
    nodes += _pairs_and_rest(parts, marks[place].first, marks[after - 1].after)
    return after


def gather_subjects(marks: list[Mark], place: int, *, for_change: bool) -> tuple[list[tuple[Part, str]], int]:
    """Subjects in a row from `place`, each with the link before it, and the place after the last.

    After a change (`for_change`) a subject that has a change of its own behind it belongs to that one.
    """
    parts: list[tuple[Part, str]] = [(marks[place].value, "")]
    after = here = place + 1
    while here < len(marks):
        link, at = _link(marks, here)
        if at >= len(marks) or marks[at].kind != "subject" or not link:
            break
        if for_change and _own_change_behind(marks, at):
            break
        parts.append((marks[at].value, link))
        after = here = at + 1
    return parts, after


def _link(marks: list[Mark], place: int) -> tuple[str, int]:
    """What links two subjects (`,`, `and`, `/`, `::`, `with`), and the place after it."""
    link = ""
    here = place
    while here < len(marks) and here - place < 5:
        mark = marks[here]
        if mark.kind in _LINKS:
            link = link if link in ("and", "or") else mark.kind
        elif mark.kind == "colon" and here + 1 < len(marks) and marks[here + 1].kind == "colon":
            link, here = "fused", here + 1
        elif mark.kind == "connector" and mark.value == "of" and not link:
            link = "with"
        elif mark.kind != "connector":
            break
        here += 1
    return link, here


def _own_change_behind(marks: list[Mark], place: int) -> bool:
    """Whether a subject, or the pair `IGH/MAF` that it begins, is followed by a change that has no other subject."""
    here = place + 1
    while here + 1 < len(marks) and marks[here].kind in ("slash", "dash") and marks[here + 1].kind == "subject":
        here += 2
    while here < len(marks) and (marks[here].kind in ("zygosity", "half") or marks[here].value == "word"):
        here += 1
    if here >= len(marks) or marks[here].kind != "change":
        return False
    right = _right_subject(marks, here)
    return right is None or marks[here + 1].kind == "colon"


def _pairs_and_rest(parts: list[tuple[Part, str]], first: int, after: int) -> list[Node]:
    """Findings of a list of subjects: each IG locus with the partner beside it is a pair."""
    found: list[Node] = []
    rest: list[Part] = []
    here = 0
    while here < len(parts):
        part, _ = parts[here]
        if here + 1 < len(parts):
            other, link = parts[here + 1]
            events = pair_events(part, other) if link in ("slash", "dash", "fused", "with") else ()
            if events:
                kind = "fusion" if link == "fused" else "pair"
                found.append(Finding(kind, (part, other), events, first=first, after=after))
                here += 2
                continue
        rest.append(part)
        here += 1
    if rest:
        found.append(Finding("subject", tuple(dict.fromkeys(rest)), first=first, after=after))
    return found


def pair_events(one: Part, other: Part) -> tuple[str, ...]:
    """Events of a fusion between two probes, if one is an IG locus and the other a partner."""
    probes = (one.probe, other.probe)
    ig = next((probe for probe in probes if probe is not None and "ig" in probe.roles), None)
    partner = next((probe for probe in probes if probe is not None and probe is not ig and probe.fusion), None)
    if ig is None or partner is None or one.end or other.end:
        return ()
    if ig.name in ("IGH", "14q32") or partner.fusion == "myc_rearranged":
        return (partner.fusion,)
    return ("igk_igl_partner", "maf_activated") if partner.name in ("MAF", "MAFB") else ("igk_igl_partner",)


def _add_change(marks: list[Mark], place: int, nodes: list[Node]) -> int:
    """Join a change with its subject: the one before it (`TP53 loss`) or the one behind (`loss of TP53`)."""
    mark = marks[place]
    kind = "gain" if mark.kind == "extra" else str(mark.value)
    left = _left_subjects(nodes)
    right = _right_subject(marks, place)
    between = marks[place + 1 : right] if right is not None else []
    colon = bool(nodes) and isinstance(nodes[-1], Mark) and nodes[-1].kind == "colon"
    by_of = any(one.value == "of" or one.kind == "open" for one in between)
    found: list[Node] = []
    after = place + 1
    if left and not (colon and right is not None and by_of):
        found += left
        if not by_of:
            right = None
    if right is not None:
        parts, after = gather_subjects(marks, right, for_change=True)
        found += _pairs_and_rest(parts, marks[right].first, marks[after - 1].after)
    if not found:
        if kind in FUSIONS or mark.kind == "extra":
            nodes.append(Mark("bare_fusion", "", mark.first, mark.after))
        else:
            nodes.append(_same_subject(kind, mark, nodes) or Mark("bare_change", kind, mark.first, mark.after))
        return place + 1
    changed = _changed(_milder(kind, nodes), found, between if right is not None else [], nodes)
    if mark.kind == "extra" and mark.value:
        for finding in changed:
            finding.copies, finding.delta = Copies(2 + mark.value, 2 + mark.value), False
    nodes += changed
    return after


def _milder(kind: str, nodes: list[Node]) -> str:
    """`gain or amplification of 1q21` speaks of the gain: if it is denied, so is what goes beyond it."""
    kinds = [node.kind if isinstance(node, Mark) else "" for node in nodes[-2:]]
    if kind in _SEVERAL_EXTRA and kinds[:1] == ["bare_change"] and kinds[1:] in (["or"], ["and"], ["slash"]):
        before = str(nodes[-2].value) if isinstance(nodes[-2], Mark) else ""
        return before if before in GAINS else kind
    return kind


def _same_subject(kind: str, mark: Mark, nodes: list[Node]) -> Finding | None:
    """`1q21 gain 30%, amplification 20%`: a change of the same sort, after a comma, speaks of the same subject."""
    before = next((node for node in reversed(nodes) if isinstance(node, Finding)), None)
    linked = bool(nodes) and isinstance(nodes[-1], Mark) and nodes[-1].kind in ("comma", "and", "or", "slash")
    family = LOSSES if kind in LOSSES else GAINS
    if before is None or not linked or before.kind not in family or before.events:
        return None
    return Finding(kind, before.parts, first=mark.first, after=mark.after)


def _left_subjects(nodes: list[Node]) -> list[Node]:
    """Take the subjects just before a change off the nodes; marks between them and the change stay."""
    here = len(nodes) - 1
    while here >= 0 and _leads_to_change(nodes[here]):
        here -= 1
    taken: list[Node] = []
    while here >= 0:
        node = nodes[here]
        if not isinstance(node, Finding) or node.asserts or node.copies is not None or node.colours is not None:
            break
        taken.insert(0, nodes.pop(here))
        here -= 1
    return taken


def _leads_to_change(node: Node) -> bool:
    """Whether a mark may stand between a subject and its change, as `abnormal` does in `TP53: abnormal - deletion`."""
    return isinstance(node, Mark) and (node.kind in _BEFORE_CHANGE or node.value == "abnormal")


def _right_subject(marks: list[Mark], place: int) -> int | None:
    """The place of the subject a change speaks of, behind it; a number of copies may stand between."""
    here = place + 1
    while here < len(marks) and here - place < 9:
        mark = marks[here]
        if mark.kind == "subject":
            return here
        if mark.kind not in _AFTER_CHANGE and mark.kind != "copies" and mark.kind != "copies_word":
            return None
        here += 1
    return None


def _changed(kind: str, found: list[Node], between: list[Mark], nodes: list[Node]) -> list[Finding]:
    """The subjects with the change put on them; IG locus and partner in one list of a fusion are a pair."""
    copies = next((mark.value for mark in between if mark.kind == "copies"), None)
    beside = [*between, *(node for node in nodes[-4:] if isinstance(node, Mark))]
    zygosities = {str(mark.value) for mark in beside if mark.kind == "zygosity"}
    zygosity = zygosities.pop() if len(zygosities) == 1 else ""
    partial = any(mark.kind == "half" for mark in beside)
    findings = [finding for finding in found if isinstance(finding, Finding)]
    if kind == "disomy":
        return [replace(finding, copies=Copies(2, 2)) for finding in findings]
    if kind in FUSIONS:
        findings = _fusions_of(kind, findings)
    made: list[Finding] = []
    for finding in findings:
        if kind not in FUSIONS:
            finding.kind = kind
        finding.copies, finding.delta = copies, copies is not None
        finding.zygosity = zygosity
        finding.partial = partial or any(part.end for part in finding.parts)
        made.append(finding)
    return made


def _fusions_of(kind: str, findings: list[Finding]) -> list[Finding]:
    """Every IG locus with every partner named beside it; genes without a counterpart stay alone."""
    parts = [part for finding in findings for part in finding.parts]
    ig = list(dict.fromkeys(part for part in parts if part.probe is not None and "ig" in part.probe.roles))
    partners = list(dict.fromkeys(part for part in parts if part.probe is not None and part.probe.fusion))
    first, after = findings[0].first, findings[-1].after
    pairs = [(one, other) for one in partners for other in ig]
    if not pairs:
        return [Finding(kind, tuple(dict.fromkeys(parts)), first=first, after=after)]
    rest = tuple(dict.fromkeys(part for part in parts if part not in ig and part not in partners))
    beside = [Finding("subject", rest, first=first, after=after)] if rest else []
    return beside + [Finding("fusion", pair, pair_events(*pair), first=first, after=after) for pair in pairs]
