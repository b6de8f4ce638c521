"""Strings and sentences written from known truths, in every edition and many wordings: each is read as meant."""

import itertools
import random

import pytest

from mmrisk.cytogenetics.fish_evidence import read_fish
from mmrisk.cytogenetics.fish_strings import find_string
from mmrisk.cytogenetics.plain import make_plain
from mmrisk.cytogenetics.tokens import find_tokens
from mmrisk.events import negative_limit

BANDS = {
    "CDKN2C": "1p32.3", "CKS1B": "1q21.3", "FGFR3": "4p16.3", "D5S23": "5p15.2", "CCND3": "6p21", "D7Z1": "7cen",
    "D9Z1": "9cen", "CCND1": "11q13", "D13S319": "13q14.3", "LAMP1": "13q34", "IGH": "14q32", "D15Z4": "15cen",
    "MAF": "16q23", "TP53": "17p13.1", "D17Z1": "17cen", "MAFB": "20q12",
}  # fmt: skip
FUSIONS = {"FGFR3": "t_4_14", "CCND3": "t_6_14", "CCND1": "t_11_14", "MAF": "t_14_16", "MAFB": "t_14_20"}
TRISOMIES = {"D5S23": "trisomy_5", "D7Z1": "trisomy_7", "D9Z1": "trisomy_9", "D15Z4": "trisomy_15"}
LOSSES = {"TP53": ("del_17p",), "D13S319": ("del_13q",), "CDKN2C": ("del_1p32",)}


def genome_order(probes):
    """Probes as ISCN lists them: in the order of BANDS, which runs from chromosome 1 to 20."""
    return sorted(probes, key=list(BANDS).index)


def write(clones, edition):
    """Clones of one probe set, `[(counts, fusion, abnormal, scored)]`, in one edition of ISCN."""
    written = []
    for counts, fusion, abnormal, scored in clones:
        probes = genome_order(counts)
        cells = f"[{scored}]" if abnormal is None else f"[{abnormal}/{scored}]"
        if edition == 2009:
            body = ",".join(f"{BANDS[probe]}({probe}x{counts[probe]})" for probe in probes)
        elif len(set(counts.values())) == 1 and len(probes) > 1:
            body = f"({','.join(probes)})x{counts[probes[0]]}"
        else:
            body = f"({','.join(f'{probe}x{counts[probe]}' for probe in probes)})"
        if fusion:
            one, other = genome_order(fusion[0])
            body += f"({one} con {other})x{fusion[1]}" if edition == 2024 else f"({one} con {other}x{fusion[1]})"
        written.append(body + cells)
    return "/".join(written)


def full(sets, edition):
    body = ",".join(write(clones, edition) for clones in sets)
    if edition == 2009:
        return f"nuc ish {body}"
    return f"nuc ish {body.replace('x', '×')}" if edition == 2024 else f"nuc ish{body}"


def read(text):
    return read_fish(text, sample_id="s", assay_id="a", cell_selection="cd138")


def calls(text):
    """State and share per event, without those that cannot be told."""
    reading = read(text)
    assert not reading.unread, (text, reading.unread)
    return {
        item.event: (str(item.state), item.fraction, item.detection_limit)
        for item in reading.evidence
        if str(item.state) != "not_evaluable"
    }


def fusion_set(rng, partner):
    """A dual-fusion set and what is true of it."""
    scored = rng.choice((100, 200, 300, 500))
    abnormal = rng.randrange(1, scored + 1)
    counts, fusion = rng.choice(
        (
            ({partner: 3, "IGH": 3}, 2),
            ({partner: 2, "IGH": 2}, 1),
            ({partner: 2, "IGH": 3}, 1),
            ({partner: 4, "IGH": 4}, 3),
            ({partner: 2, "IGH": 3}, 0),
            ({partner: 2, "IGH": 2}, 0),
        )
    )
    event = FUSIONS[partner]
    if fusion:
        return [(counts, ((partner, "IGH"), fusion), abnormal, scored)], {event: ("present", abnormal / scored)}
    clone = (counts, None, None, scored) if counts["IGH"] == 2 else (counts, None, abnormal, scored)
    return [clone], {event: ("absent", scored)}


def copy_set(rng, probes):
    """A set of counted probes with one or two clones and what is true of each event."""
    scored = rng.choice((100, 200, 400))
    first = rng.randrange(1, scored // 2)
    second = rng.randrange(1, scored // 2)
    choices = {probe: (0, 1, 2) if probe in LOSSES else (2, 3) if probe in TRISOMIES else (2, 3, 4) for probe in probes}
    clones = []
    for share in (first, second)[: rng.choice((1, 2))]:
        counts = {probe: rng.choice(choices[probe]) for probe in probes}
        if any(count != 2 for count in counts.values()) and counts not in [clone[0] for clone in clones]:
            clones.append((counts, None, share, scored))
    if not clones:
        clones = [(dict.fromkeys(probes, 2), None, None, scored)]
    truth = {}

    def tell(event, seen):
        total = sum(clone[2] for clone in clones if clone[2] is not None and seen(clone[0]))
        truth[event] = ("present", total / scored) if total else ("absent", scored)

    for probe in probes:
        for event in LOSSES.get(probe, ()):
            tell(event, lambda counts, probe=probe: counts[probe] < 2)
        if probe in TRISOMIES:
            tell(TRISOMIES[probe], lambda counts, probe=probe: counts[probe] > 2)
        if probe == "CDKN2C":
            tell("biallelic_del_1p32", lambda counts: counts["CDKN2C"] == 0)
        if probe == "CKS1B":
            tell("gain_1q21", lambda counts: counts["CKS1B"] >= 3)
            tell("amp_1q21", lambda counts: counts["CKS1B"] >= 4)
    return clones, truth


def make_panel(seed):
    """A report of several probe sets and its truth."""
    rng = random.Random(seed)
    makers = [
        lambda partner=partner: fusion_set(rng, partner) for partner in rng.sample(list(FUSIONS), rng.choice((1, 2)))
    ]
    makers += [
        lambda probes=probes: copy_set(rng, probes)
        for probes in rng.sample(
            [("CDKN2C", "CKS1B"), ("TP53",), ("D13S319",), ("D5S23", "D9Z1", "D15Z4"), ("D7Z1",)], 2
        )
    ]
    sets, truth = [], {}
    for maker in makers:
        clones, told = maker()
        sets.append(clones)
        truth |= told
    return sets, truth


@pytest.mark.parametrize("edition", [2009, 2016, 2024])
@pytest.mark.parametrize("seed", range(120))
def test_a_generated_string_is_read_as_it_was_meant(seed, edition):
    sets, truth = make_panel(seed)
    text = full(sets, edition)
    found = calls(text)
    for event, (state, number) in truth.items():
        assert event in found, (event, text)
        assert found[event][0] == state, (event, text)
        if state == "present":
            assert found[event][1] == pytest.approx(number), (event, text)
        else:
            assert found[event][1:] == (0.0, pytest.approx(negative_limit(number))), (event, text)


@pytest.mark.parametrize("seed", range(60))
def test_three_editions_are_one_object(seed):
    sets, _ = make_panel(seed)
    objects = []
    for edition in (2009, 2016, 2024):
        tokens = find_tokens(make_plain(full(sets, edition))[0])
        found = find_string(tokens, 0)
        assert found.after == len(tokens)
        objects.append(found.hybridisations)
    assert objects[0] == objects[1] == objects[2]


@pytest.mark.parametrize("seed", range(60))
def test_the_normal_form_reads_back_to_itself(seed):
    sets, _ = make_panel(seed)
    normal = read(full(sets, 2016)).normalised
    assert normal.startswith("nuc ish (")
    assert read(normal).normalised == normal
    assert calls(normal) == calls(full(sets, 2009))


DIRT = {
    "upper case": str.upper,
    "multiplication sign": lambda text: text.replace("x", "×"),
    "blanks before parentheses": lambda text: text.replace("(", " (").replace("nuc ish  ", "nuc ish "),
    "blanks after commas": lambda text: text.replace(",", ", "),
    "blanks around x": lambda text: text.replace("x", " x "),
    "full width": lambda text: text.translate({ord(char): chr(ord(char) + 0xFEE0) for char in "(),[]/"}),
    "html": lambda text: text.replace("x", "&times;").replace("(", "&#40;"),
    "legacy symbol": lambda text: text.replace("IGH", "IGH@"),
    "line wrap in brackets": lambda text: text.replace("[1", "[1\n"),
    "line wrap after commas": lambda text: text.replace(",", ",\n"),
}


@pytest.mark.parametrize("dirt", DIRT)
@pytest.mark.parametrize("seed", range(12))
def test_dirt_changes_no_call(seed, dirt):
    sets, _ = make_panel(seed)
    for edition in (2009, 2016):
        text = full(sets, edition)
        assert calls(DIRT[dirt](text)) == calls(text), DIRT[dirt](text)


@pytest.mark.parametrize("seed", range(40))
def test_the_order_of_sets_and_probes_changes_no_call(seed):
    sets, _ = make_panel(seed)
    rng = random.Random(seed)
    text = full(sets, 2016)
    turned = [[(dict(rng.sample(list(c.items()), len(c))), f, a, n) for c, f, a, n in clones] for clones in sets]
    shuffled = "nuc ish" + ",".join(
        "/".join(
            f"({','.join(f'{probe}x{count}' for probe, count in counts.items())})"
            + (f"({fusion[0][1]} con {fusion[0][0]}x{fusion[1]})" if fusion else "")
            + (f"[{scored}]" if abnormal is None else f"[{abnormal}/{scored}]")
            for counts, fusion, abnormal, scored in clones
        )
        for clones in rng.sample(turned, len(turned))
    )
    assert calls(shuffled) == calls(text)


FINDINGS = {
    "t_4_14": ("t(4;14)", "IGH/FGFR3 fusion", "t(4;14)(p16;q32)", "fusion of IGH and NSD2", "IGH-MMSET fusion"),
    "t_11_14": ("t(11;14)", "CCND1/IGH fusion", "t(11;14)(q13;q32)", "translocation (11;14)", "IGH::CCND1 fusion"),
    "t_14_16": ("t(14;16)", "IGH/MAF rearrangement", "t(14;16)(q32;q23)", "IGH-c-MAF fusion"),
    "t_14_20": ("t(14;20)", "MAFB/IGH fusion", "t(14;20)(q32;q12)"),
    "del_17p": ("del(17p)", "TP53 deletion", "loss of TP53", "deletion of 17p13", "17p deletion", "p53 loss", "17p-"),
    "del_13q": ("del(13q)", "deletion of 13q14", "RB1 loss", "D13S319 deletion", "13q-", "loss of RB1"),
    "gain_1q21": ("gain of 1q21", "1q gain", "CKS1B gain", "gain(1q)", "+1q21", "duplication of 1q"),
    "del_1p32": ("del(1p32)", "CDKN2C deletion", "loss of 1p32", "deletion of CDKN2C (1p32.3)"),
}
NEGATIVE = (
    "no evidence of {}", "{} not detected", "negative for {}", "{}: negative", "{} - not identified", "No {} was found",
    "{} was not observed", "absence of {}", "without {}", "{} absent", "{} neg", "FISH did not reveal {}",
)  # fmt: skip
POSITIVE = (
    "{} detected in {}% of cells", "{}: {}%", "{} in {}% of nuclei", "{} positive ({}%)", "{} ({}%)",
    "positive for {} in {}% of cells", "{} was present in {} % of plasma cells", "FISH showed {} in {}%",
    "Abnormal. {} in {}% of CD138+ cells",
)  # fmt: skip
HEDGED = ("possible {}", "{} cannot be excluded", "suspicious for {}", "{} is suspected", "{}?", "equivocal for {}")


def named(event, number=0):
    return FINDINGS[event][number % len(FINDINGS[event])]


@pytest.mark.parametrize(("event", "template"), list(itertools.product(FINDINGS, NEGATIVE)))
def test_a_denied_finding_is_absent_in_every_wording(event, template):
    for wording in FINDINGS[event]:
        text = template.format(wording)
        assert calls(text)[event][0] == "absent", text


@pytest.mark.parametrize(("event", "template"), list(itertools.product(FINDINGS, POSITIVE)))
def test_a_stated_finding_is_present_with_its_share(event, template):
    for number, wording in enumerate(FINDINGS[event], start=3):
        text = template.format(wording, 11 * number)
        assert calls(text)[event][:2] == ("present", pytest.approx(0.11 * number)), text


@pytest.mark.parametrize(("event", "template"), list(itertools.product(FINDINGS, HEDGED)))
def test_a_hedged_finding_is_neither(event, template):
    for wording in FINDINGS[event]:
        text = template.format(wording)
        states = {item.event: str(item.state) for item in read(text).evidence}
        assert states[event] == "not_evaluable", text


@pytest.mark.parametrize("seed", range(80))
def test_a_report_of_several_sentences_keeps_its_statements_apart(seed):
    rng = random.Random(seed)
    events = rng.sample(list(FINDINGS), 5)
    positive, negative = events[:2], events[2:]
    share = rng.randrange(12, 99)
    first = f"{named(positive[0], seed)} in {share}% of cells and {named(positive[1], seed + 1)} in {share - 5}%"
    lists = [named(event, seed) for event in negative]
    layout = rng.choice(
        (
            "{first}. Negative for {a}, {b} and {c}.",
            "Negative for {a}, {b} and {c}. {first}.",
            "FISH: {first}; {a} not detected; {b} not detected; {c} negative",
            "No evidence of {a}, {b} or {c}, but {first}.",
            "{first}. {a}: negative, {b}: negative, {c}: negative.",
            "{a}, {b} and {c} were not detected, while {first}",
            "Positive: {first}\nNegative: {a}, {b}, {c}",
        )
    )
    text = layout.format(first=first, a=lists[0], b=lists[1], c=lists[2])
    found = calls(text)
    assert {event: found[event][0] for event in negative} == dict.fromkeys(negative, "absent"), text
    assert found[positive[0]][:2] == ("present", pytest.approx(share / 100)), text
    assert found[positive[1]][:2] == ("present", pytest.approx((share - 5) / 100)), text
