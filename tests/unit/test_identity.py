"""Swapped samples are noticed, right ones left alone, and what nothing tells apart is said to be so."""

import numpy as np
import pandas as pd
import pytest

from mmrisk.microenvironment.identity import compare
from mmrisk.resource import facts

ARM_EVENTS = [fact for fact in facts("cell_arm_events.tsv") if fact["event"] != "amp_1q21"]
FUSIONS = ("t_4_14", "t_6_14", "t_11_14", "t_14_16", "t_14_20")
COMMON = {"gain_1q21": 0.4, "del_13q": 0.45, "del_16q": 0.2}


def patients(rng, n):
    """Genomes of n made-up patients."""
    made = []
    for _ in range(n):
        hyperdiploid = rng.random() < 0.5
        fusion = "" if hyperdiploid else rng.choice(["t_4_14", "t_11_14", "t_14_16", ""], p=[0.25, 0.35, 0.1, 0.3])
        usual = {f["event"]: COMMON.get(f["event"], 0.1) for f in ARM_EVENTS}
        trisomies = {event: 0.7 if hyperdiploid else 0.05 for event in usual if event.startswith("trisomy")}
        genome = {event: rng.random() < share for event, share in {**usual, **trisomies}.items()}
        made.append(
            {**genome, **{event: event == fusion for event in FUSIONS},
             "sex": rng.choice(["F", "M"]), "chain": rng.choice(["kappa", "lambda"], p=[0.65, 0.35])}
        )  # fmt: skip
    return made


def tables(rng, genomes, source, *, known=0.8, with_features=True):
    """Tables of a cohort in which the cells of sample i come from patient source[i]."""
    names = [f"P{number:02d}" for number in range(len(genomes))]
    events, arms, spikes = [], [], []
    for name, genome, origin in zip(names, genomes, source, strict=True):
        told = [event for event in (*[f["event"] for f in ARM_EVENTS], *FUSIONS) if rng.random() < known]
        events += [(name, event, "present" if genome[event] else "absent", "measured") for event in told]
        cells = genomes[origin]
        for fact in ARM_EVENTS:
            whole = np.log2(1.5) if fact["copies_low"] else (-1.0 if rng.random() < 0.75 else 0.0)
            for arm in fact["arms"].split(";"):
                value = (whole if cells[fact["event"]] else 0.0) + rng.normal(0, 0.12)
                arms.append((name, arm, value, value - 0.235, value + 0.235))
        spikes += [(name, event, "target_gene", "present" if cells[event] else "absent", 0.1) for event in FUSIONS]
    frame = pd.DataFrame
    quality = frame(
        {
            "sample_id": names,
            "expressed_sex": [genomes[origin]["sex"] for origin in source],
            "light_chain": [genomes[origin]["chain"] for origin in source],
        }
    )
    if not with_features:
        quality[["expressed_sex", "light_chain"]] = "unclear"
        arms, spikes = [], []
    return {
        "samples": frame(
            {"sample_id": names, "patient_id": names, "sex": [genome["sex"] for genome in genomes]}
        ),
        "chains": {name: genome["chain"] for name, genome in zip(names, genomes, strict=True)},
        "events": frame(events, columns=["sample_id", "event", "state", "tier"]),
        "quality": quality,
        "arms": frame(arms, columns=["sample_id", "arm", "log2_ratio", "low", "high"]),
        "spikes": frame(spikes, columns=["sample_id", "event", "method", "state", "detection_limit"]),
    }  # fmt: skip


def exchanged(n, pairs):
    source = np.arange(n)
    for one, two in pairs:
        source[[one, two]] = source[[two, one]]
    return source


def test_exchanged_samples_of_40_patients_are_found_and_the_others_left_alone():
    found = []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        genomes, source = patients(rng, 40), exchanged(40, [(0, 1), (2, 3), (4, 5)])
        verdicts = compare(**tables(rng, genomes, source))
        differ = [len({k for k in genomes[i] if genomes[i][k] != genomes[source[i]][k]}) for i in range(40)]
        found.append(verdicts.assign(swapped=source != np.arange(40), differ=differ, source=source))
    table = pd.concat(found)
    told_apart = table[table["swapped"] & (table["differ"] >= 3)]
    assert (told_apart["verdict"] == "swapped").mean() >= 0.9
    right = told_apart.loc[told_apart["verdict"] == "swapped"]
    assert (right["better_match"].str[1:].astype(int) == right["source"]).mean() >= 0.9
    others = table[~table["swapped"]]
    assert (others["verdict"] == "swapped").sum() <= 1
    assert (others["verdict"] == "consistent").mean() >= 0.9


def test_without_a_feature_nothing_is_said():
    rng = np.random.default_rng(5)
    verdicts = compare(**tables(rng, patients(rng, 5), np.arange(5), with_features=False))
    assert set(verdicts["verdict"]) == {"indeterminate"}
    assert verdicts["agrees"].isna().all()


def test_patients_that_nothing_tells_apart_are_not_called_swapped():
    rng = np.random.default_rng(6)
    genomes = patients(rng, 1) * 6
    verdicts = compare(**tables(rng, genomes, exchanged(6, [(0, 1)])))
    assert "swapped" not in set(verdicts["verdict"])


def test_samples_of_one_patient_are_never_each_others_better_match():
    rng = np.random.default_rng(7)
    genomes = patients(rng, 6)
    made = tables(rng, genomes, exchanged(6, [(0, 1)]))
    made["samples"]["patient_id"] = ["A", "A", "C", "D", "E", "F"]
    verdicts = compare(**made).set_index("sample_id")
    assert verdicts.loc["P00", "better_match"] is pd.NA or verdicts.loc["P00", "better_match"] != "P01"


def test_inferred_events_do_not_vouch_for_the_cells_they_came_from():
    rng = np.random.default_rng(8)
    made = tables(rng, patients(rng, 6), np.arange(6))
    made["events"]["tier"] = "inferred"
    made["chains"] = {}
    made["samples"]["sex"] = None
    assert set(compare(**made)["verdict"]) == {"indeterminate"}


def test_samples_without_cells_have_no_row():
    rng = np.random.default_rng(9)
    made = tables(rng, patients(rng, 4), np.arange(4))
    made["quality"] = made["quality"].iloc[:2]
    assert list(compare(**made)["sample_id"]) == ["P00", "P01"]
    made["quality"] = made["quality"].iloc[:0]
    assert compare(**made).empty


@pytest.mark.parametrize("told", ["M", "F"])
def test_a_sex_that_does_not_fit_is_named(told):
    rng = np.random.default_rng(10)
    made = tables(rng, patients(rng, 8), np.arange(8))
    made["samples"]["sex"] = ["M", "F"] * 4
    made["quality"]["expressed_sex"] = ["M", "F"] * 4
    number = 0 if told == "M" else 1
    made["quality"].loc[number, "expressed_sex"] = "F" if told == "M" else "M"
    row = compare(**made).iloc[number]
    assert "sex" in row["disagrees"].split(";")


def test_a_sex_that_alone_does_not_fit_is_a_conflict_and_no_swap():
    rng = np.random.default_rng(11)
    made = tables(rng, patients(rng, 8), np.arange(8), with_features=False)
    made["samples"]["sex"] = ["M", "F"] * 4
    made["quality"]["expressed_sex"] = ["F", "F"] + ["M", "F"] * 3
    row = compare(**made).iloc[0]
    assert (row["verdict"], row["disagrees"]) == ("conflict", "sex")
    assert row["detail"].endswith("by sex alone")
    made["quality"]["light_chain"] = ["kappa", "lambda"] * 4
    made["chains"] = dict.fromkeys(made["samples"]["sample_id"], "lambda") | {"P02": "kappa", "P04": "kappa"}
    row = compare(**made).iloc[0]
    assert (row["verdict"], row["disagrees"]) == ("swapped", "light chain;sex")
