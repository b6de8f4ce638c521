"""Every worked example of the published rules, and mutations of the rules that the examples must catch."""

import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import pandas as pd
import pytest

from mmrisk.clinical import gather, read_cell
from mmrisk.contracts import EVENTS

Row = dict[str, str]


def rows(text: str) -> list[Row]:
    """A table of the specification: whitespace between cells, first line the header."""
    lines = [line.split() for line in text.strip().splitlines()]
    return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]


def patients_of(labs: list[dict[str, str]], events: list[dict[str, str]], **options: object) -> Any:
    """Patients from cells of a clinical sheet and events `present`, `absent` or a share; NA is left out."""
    ids = [f"S{number:03d}" for number in range(len(labs))]
    columns = sorted({name for row in labs for name in row})
    read = {name: [read_cell(row.get(name, ""), name) for row in labs] for name in columns}
    records = [
        {"sample_id": sample_id, "event": event, **_state(value)}
        for sample_id, row in zip(ids, events, strict=True)
        for event, value in row.items()
        if value != "NA"
    ]
    frame = pd.DataFrame(records).reindex(columns=EVENTS.names) if records else None
    return risk("patients").join_patients(frame, gather(ids, read, {}), **options)


def _state(value: str) -> dict[str, object]:
    if value in ("1", "0"):
        return {"state": "present" if value == "1" else "absent", "tier": "measured"}
    return {"state": "present", "fraction": float(value), "tier": "measured"}


def risk(module: str) -> Any:
    """A module of the risk package as it is now (a mutation puts other ones in its place)."""
    return importlib.import_module(f"mmrisk.risk.{module}")


def outcomes_of(system: str, patients: Any) -> list[Any]:
    """Outcome of each patient, taking the system to apply to all of them."""
    chosen = risk("systems").SYSTEMS[system]
    each = risk("assign")._assign(chosen, risk("monoclonal").with_derived(patients), None, ())
    return [each.outcomes[number] for number in each.pattern]


def written(outcome: Any) -> str:
    """The label, or `NE{a,b}` where it is open."""
    return outcome.label if len(outcome.possible) == 1 else "NE{" + ",".join(outcome.possible) + "}"


ISS_LABS = {"I": ("2.0", "4.0"), "II": ("4.0", "4.0"), "III": ("6.0", "4.0")}


def lab_cells(row: Row, columns: Mapping[str, str]) -> dict[str, str]:
    """Columns of an example as cells of the clinical sheet; `iss` becomes labs of that stage, 1/0 an LDH flag."""
    cells = {}
    for theirs, ours in columns.items():
        value = row[theirs]
        if ours == "iss":
            cells["b2m_mg_l"], cells["albumin_g_dl"] = ISS_LABS[value]
        elif ours == "iss_iii":
            cells["b2m_mg_l"] = {"1": "6", "0": "3", "NA": ""}[value]
        else:
            cells[ours] = value
    return cells


class Example:
    """A table of examples for one system: which columns are labs, which events, and how the label is written."""

    def __init__(
        self,
        system: str,
        text: str,
        *,
        labs: Mapping[str, str] | None = None,
        events: Mapping[str, str] | None = None,
        expected: str = "expected",
        points: str = "",
        prepare: Callable[[Row], tuple[dict[str, str], dict[str, str]]] | None = None,
    ) -> None:
        self.system, self.rows = system, rows(text)
        self.labs, self.events, self.expected, self.points = labs or {}, events or {}, expected, points
        self.prepare = prepare or self._by_columns

    def _by_columns(self, row: Row) -> tuple[dict[str, str], dict[str, str]]:
        return lab_cells(row, self.labs), {ours: row[theirs] for theirs, ours in self.events.items()}

    def patients(self) -> Any:
        prepared = [self.prepare(row) for row in self.rows]
        return patients_of([labs for labs, _ in prepared], [events for _, events in prepared])

    def failures(self) -> Iterator[str]:
        """Rows whose label or points are not the expected ones."""
        for row, outcome in zip(self.rows, outcomes_of(self.system, self.patients()), strict=True):
            label, expected = written(outcome), row[self.expected]
            if label != expected and not (expected == "NE" and label.startswith("NE")):
                yield f"{row}: {label}"
            if self.points and row[self.points] != "NA" and outcome.points != (float(row[self.points]),) * 2:
                yield f"{row}: {outcome.points} points"


GENES = {"t4_14": "t_4_14", "t14_16": "t_14_16", "t14_20": "t_14_20", "del17p": "del_17p", "gain1q": "gain_1q21"}


def only(*names: str) -> dict[str, str]:
    return {name: GENES[name] for name in names}


ISS = Example(
    "ISS",
    """
b2m albumin expected
3.49 3.5 I
3.49 3.49 II
3.5 4.5 II
5.49 2.0 II
5.5 4.7 III
12 4.9 III
3.4 NA NE{I,II}
4.0 NA II
6.0 NA III
NA 3.0 NE{II,III}
NA 4.0 NE{I,II,III}
""",
    labs={"b2m": "b2m_mg_l", "albumin": "albumin_g_dl"},
)
R_ISS = Example(
    "R-ISS",
    """
iss del17p t4_14 t14_16 ldh expected
I 0 0 0 0 I
I 1 0 0 0 II
I 0 0 0 1 II
II 1 1 0 1 II
III 0 0 0 0 II
III 0 0 1 0 III
III 0 0 0 1 III
III NA 0 0 NA NE{II,III}
I NA 0 0 1 II
I NA 0 0 0 NE{I,II}
II NA NA NA NA II
III 0 NA 0 0 NE{II,III}
""",
    labs={"iss": "iss", "ldh": "ldh_above_uln"},
    events=only("del17p", "t4_14", "t14_16"),
)
R2_ISS = Example(
    "R2-ISS",
    """
iss del17p t4_14 gain1q ldh points expected
I 0 0 0 0 0 I
I 0 0 1 0 0.5 II
I 1 0 0 0 1 II
I 1 0 1 0 1.5 III
II 0 0 0 0 1 II
II 0 0 1 0 1.5 III
III 0 0 0 0 1.5 III
III 1 0 0 0 2.5 III
III 1 0 1 0 3 IV
II 1 1 0 0 3 IV
I 1 1 0 1 3 IV
III 1 1 1 1 5 IV
II NA 0 0 0 NA NE{II,III}
III 1 1 NA NA NA IV
III NA 0 0 0 NA III
I 0 0 NA 0 NA NE{I,II}
II 1 0 NA 0 NA III
III 0 0 NA 0 NA III
""",
    labs={"iss": "iss", "ldh": "ldh_above_uln"},
    events=only("del17p", "t4_14", "gain1q"),
    points="points",
)


def _cgs(row: Row) -> tuple[dict[str, str], dict[str, str]]:
    lost = {
        "0": {"del_1p32": "0", "biallelic_del_1p32": "0"},
        "1": {"del_1p32": "1", "biallelic_del_1p32": "0"},
        "2": {"del_1p32": "1", "biallelic_del_1p32": "1"},
        "NA": {},
    }[row["lost"]]
    events = {"del_17p": row["del17p"], "tp53_mutation": row["tp53"], "gain_1q21": row["plus1q"], **lost}
    events["t_4_14"] = row["igh"]
    if row["igh"] != "NA":  # one translocation is present, or all three are absent
        events |= {"t_14_16": "0", "t_14_20": "0"}
    return {"b2m_mg_l": row["b2m"], "creatinine_mg_dl": row["creat"]}, events


CGS_TEXT = """
del17p tp53 igh plus1q lost b2m creat expected
0 0 0 0 0 3.0 1.0 SR
1 0 0 0 0 3.0 1.0 HR
0 1 0 0 0 3.0 1.0 HR
0 0 1 0 0 3.0 1.0 SR
0 0 1 1 0 3.0 1.0 HR
0 0 1 0 1 3.0 1.0 HR
0 0 0 1 0 3.0 1.0 SR
0 0 0 0 1 3.0 1.0 SR
0 0 0 1 1 3.0 1.0 HR
0 0 0 0 2 3.0 1.0 HR
0 0 0 0 0 5.5 1.19 HR
0 0 0 0 0 5.5 1.2 SR
0 0 0 0 0 5.49 0.8 SR
0 NA 0 0 0 3.0 1.0 NE
1 NA NA NA NA NA NA HR
0 0 1 NA 0 3.0 1.0 NE
0 0 0 NA 1 3.0 1.0 NE
0 0 0 NA 0 3.0 1.0 SR
0 0 0 0 0 6.0 NA NE
0 0 0 0 0 NA 1.5 SR
"""
CGS = Example("IMS-2025", CGS_TEXT, prepare=_cgs)

MASS_TEXT = """
igh gain1q chr17 iss_iii ldh MASS3 MASS4
0 0 0 0 0 I I
1 0 0 0 0 II II
0 1 0 0 0 II II
0 0 0 1 0 II II
1 1 0 0 0 III III
0 0 0 1 1 III III
1 1 1 0 0 III IV
1 1 1 1 1 III IV
"""


def _mass(row: Row) -> tuple[dict[str, str], dict[str, str]]:
    labs = lab_cells(row, {"iss_iii": "iss_iii", "ldh": "ldh_above_uln"})
    fusions = {"t_4_14": "0", "t_14_16": row["igh"], "t_14_20": "0"}
    return labs, {**fusions, "gain_1q21": row["gain1q"], "del_17p": row["chr17"]}


MASS_3 = Example("MASS-3", MASS_TEXT, prepare=_mass, expected="MASS3")
MASS_4 = Example("MASS-4", MASS_TEXT, prepare=_mass, expected="MASS4")

MSMART_HITS = {
    "none": (),
    "t(11;14)": ("t_11_14",),
    "gain(1q)": ("gain_1q21",),
    "t(4;14)+gain(1q)": ("t_4_14", "gain_1q21"),
    "del(17p)+TP53": ("del_17p", "tp53_mutation"),
    "t(14;16)+del(17p)+gain(1q)": ("t_14_16", "del_17p", "gain_1q21"),
}
MSMART_EVENTS = ("t_4_14", "t_14_16", "t_14_20", "del_17p", "tp53_mutation", "gain_1q21")


def _msmart(row: Row) -> tuple[dict[str, str], dict[str, str]]:
    hits = MSMART_HITS[row["hits"]]
    return {}, {event: "1" if event in hits else "0" for event in {*MSMART_EVENTS, *hits}}


MSMART = Example(
    "mSMART-3.0-genetic",
    """
hits points expected
none 0 standard
t(11;14) 0 standard
gain(1q) 1 high
t(4;14)+gain(1q) 2 double_hit
del(17p)+TP53 2 double_hit
t(14;16)+del(17p)+gain(1q) 3 triple_hit
""",
    prepare=_msmart,
    points="points",
)
UK = Example(
    "UK-double-hit",
    """
t4_14 t14_16 t14_20 del17p gain1q n expected
0 0 0 0 0 0 standard
1 0 0 0 0 1 single_hit
0 0 0 0 1 1 single_hit
1 0 0 0 1 2 double_hit
0 1 0 1 0 2 double_hit
0 0 1 1 1 3 double_hit
0 0 1 0 1 2 double_hit
""",
    events=only("t4_14", "t14_16", "t14_20", "del17p", "gain1q"),
    points="n",
)


def _mgp(row: Row) -> tuple[dict[str, str], dict[str, str]]:
    copies = float(row["copies"])
    events = {"biallelic_tp53": row["biallelic"], "gain_1q21": "1" if copies >= 3 else "0"}
    return lab_cells(row, {"iss": "iss"}), events | {"amp_1q21": "1" if copies >= 4 else "0"}


MGP = Example(
    "MGP-double-hit",
    """
biallelic iss copies expected
0 I 2 not
1 I 2 double_hit
0 III 3 not
0 III 4 double_hit
0 II 5 not
0 III 4.0 double_hit
1 III 4 double_hit
""",
    prepare=_mgp,
)
IFM = Example(
    "IFM-index",
    """
t4_14 del17p tri5 tri21 gain1q del1p32 score expected
0 0 0 0 0 0 0 low
0 0 1 0 0 0 -0.3 low
0 0 1 1 0 0 0 low
1 0 0 0 0 0 0.4 int
1 0 0 1 1 0 1.2 high
0 0 1 0 1 1 1 int
0 0 0 1 0 1 1.1 high
0 1 1 0 0 0 0.9 int
0 1 0 0 0 0 1.2 high
1 1 0 1 1 1 3.2 high
1 0 0 0 1 0 0.9 int
""",
    events=only("t4_14", "del17p", "gain1q") | {"tri5": "trisomy_5", "tri21": "trisomy_21", "del1p32": "del_1p32"},
    points="score",
)
IMWG_2014 = Example(
    "IMWG-2014-risk",
    """
iss t4_14 del17p gain1q age expected
I 0 0 0 54 low
I 0 0 0 55 standard
II 0 0 0 54 low
III 0 0 0 50 standard
I 1 0 0 60 standard
II 1 0 0 60 high
III 0 1 0 60 high
II 0 0 1 50 standard
""",
    labs={"iss": "iss", "age": "age_years"},
    events=only("t4_14", "del17p", "gain1q"),
)
LIST_TEXT = """
t4_14 t14_16 t14_20 del17p gain1q hyperdiploid classic any
1 0 0 0 0 1 high high
0 0 1 0 0 1 standard high
0 0 0 0 1 1 standard high
0 0 0 0 0 0 standard high
0 0 0 0.15 0 1 standard standard
0 0 0 0 0 1 standard standard
"""
LIST_EVENTS = only("t4_14", "t14_16", "t14_20", "del17p", "gain1q") | {"hyperdiploid": "hyperdiploid"}
HRCA = Example("HRCA", LIST_TEXT, events=LIST_EVENTS, expected="classic")
IMWG_2016 = Example("IMWG-2016", LIST_TEXT, events=LIST_EVENTS, expected="any")
RW_ISS = Example(
    "RW-ISS",
    """
age ps t14_16 iss ldh del17p score expected
70 0 0 I 0 0 0 I
71 0 0 I 0 0 2 I
71 0 0 II 0 0 2.5 II
71 1 0 I 0 0 3 II
71 1 0 II 0 0 3.5 III
71 1 0 III 1 0 4.5 III
71 2 0 III 0 0 5 IV
71 2 1 III 1 1 7 IV
""",
    labs={"age": "age_years", "ps": "ecog", "iss": "iss", "ldh": "ldh_above_uln"},
    events=only("t14_16", "del17p"),
    points="score",
)


def _s_ermm(row: Row) -> tuple[dict[str, str], dict[str, str]]:
    labs = {"ldh_above_uln": row["ldh"], "bmpc_pct": row["bmpc"]}
    labs["albumin_g_dl"] = {"1": "3.4", "0": "3.5"}[row["alb"]]
    labs["light_chain"] = {"1": "lambda", "0": "kappa"}[row["lambda"]]
    return labs, {"t_4_14": row["t4_14"], "del_17p": row["del17p"]}


S_ERMM = Example(
    "S-ERMM",
    """
ldh t4_14 del17p alb bmpc lambda score expected
0 0 0 0 60 0 0 low
0 0 0 0 60.5 1 5 low
1 0 0 0 30 0 5 low
0 0 1 1 30 0 6 int
1 1 0 0 30 0 10 int
1 0 1 1 30 0 11 high
1 1 1 1 70 1 21 high
""",
    prepare=_s_ermm,
    points="score",
)
SMM_LABS = {"m": "serum_m_g_dl", "flc": "flc_ratio_involved", "bmpc": "bmpc_pct"}
MAYO_2018 = Example(
    "Mayo-20-2-20",
    """
m flc bmpc n expected
2.0 20 20 0 low
2.01 20 20 1 intermediate
2.0 20.1 20 1 intermediate
2.0 20 20.5 1 intermediate
2.5 25 10 2 high
3.5 99 59 3 high
0.0 25 15 1 intermediate
1.9 8 12 0 low
""",
    labs=SMM_LABS,
    points="n",
)


def _smm_fish(row: Row) -> tuple[dict[str, str], dict[str, str]]:
    labs = {ours: row[theirs] for theirs, ours in SMM_LABS.items()}
    return labs, {"t_4_14": "0", "t_14_16": "0", "gain_1q21": "0", "del_13q": row["fish"], "del_17p": "1"}


MAYO_2020 = Example(
    "Mayo-20-2-20-FISH",
    """
m flc bmpc fish n expected
1 5 12 0 0 low
1 5 12 1 1 low_int
2.5 5 12 1 2 int
2.5 25 12 1 3 high
2.5 25 25 0 3 high
2.5 25 25 1 4 high
2.0 20 20 1 1 low_int
""",
    prepare=_smm_fish,
    points="n",
)
IMWG_SMM = Example(
    "IMWG-SMM",
    """
flc m bmpc fish p_flc p_m p_bm p_fish total expected
10 1.5 15 0 0 0 0 0 0 low
10.1 1.5 15 0 2 0 0 0 2 low
10 1.51 15 0 0 3 0 0 3 low
10 1.5 15.1 0 0 0 2 0 2 low
25 3.0 20 0 2 3 2 0 7 low_int
25.1 3.01 20.1 0 3 4 3 0 10 int
40 3.0 30 1 3 3 3 2 11 int
40.1 3.1 40 1 5 4 5 2 16 high
40.1 3.1 40.1 1 5 4 6 2 17 high
5 1.0 12 1 0 0 0 2 2 low
12 1.0 18 0 2 0 2 0 4 low
12 2.0 12 0 2 3 0 0 5 low_int
30 2.5 25 1 3 3 3 2 11 int
30 2.5 35 1 3 3 5 2 13 high
""",
    prepare=_smm_fish,
    points="total",
)
OLD_SMM_TEXT = """
m bmpc kl aberrant paresis mayo spanish
2.9 9 1.0 94 0 0 0
3.0 9 1.0 95 0 1 1
2.9 10 8.0 94 1 2 1
3.0 10 0.125 95 1 3 2
3.0 10 7.99 99 1 2 2
3.5 25 0.05 80 0 3 0
"""
OLD_SMM_LABS = {
    "m": "serum_m_g_dl",
    "bmpc": "bmpc_pct",
    "kl": "flc_ratio_kappa_lambda",
    "aberrant": "aberrant_pc_pct",
    "paresis": "immunoparesis",
}
MAYO_2008 = Example("Mayo-2008", OLD_SMM_TEXT, labs=OLD_SMM_LABS, expected="mayo")
PETHEMA = Example("PETHEMA", OLD_SMM_TEXT, labs=OLD_SMM_LABS, expected="spanish")
MGUS = Example(
    "MGUS-risk",
    """
m isotype kl n expected
1.49 IgG 1.0 0 low
1.5 IgG 1.0 1 low_int
1.0 IgA 1.0 1 low_int
1.0 IgG 0.26 0 low
1.0 IgG 0.25 1 low_int
1.0 IgG 1.65 0 low
1.0 IgG 1.66 1 low_int
1.5 IgA 1.0 2 high_int
2.0 IgM 3.0 3 high
1.0 IgG 0.5 0 low
""",
    labs={"m": "serum_m_g_dl", "isotype": "heavy_chain", "kl": "flc_ratio_kappa_lambda"},
    points="n",
)

TRISOMIES = ("3", "5", "7", "9", "11", "15", "19", "21")


def _primary(row: Row) -> tuple[dict[str, str], dict[str, str]]:
    gained = int(row["n"])
    events = {f"trisomy_{name}": str(int(number < gained)) for number, name in enumerate(TRISOMIES)}
    return {}, events | {event: row[event] for event in ("t_4_14", "t_14_16", "t_14_20", "t_11_14", "t_6_14")}


PRIMARY_TEXT = """
n t_4_14 t_14_16 t_14_20 t_11_14 t_6_14 primary ploidy
0 0 0 0 0 0 none HRD-
1 0 0 0 0 0 none HRD-
2 0 0 0 0 0 HRD HRD+
5 0 0 0 0 0 HRD HRD+
0 1 0 0 0 0 t_4_14 HRD-
3 1 0 0 0 0 t_4_14 HRD+
0 0 1 0 0 0 t_14_16 HRD-
0 0 0 0 1 0 t_11_14 HRD-
2 0 0 0 1 0 t_11_14 HRD+
0 0 0 0 0 1 t_6_14 HRD-
1 0 0 1 0 0 t_14_20 HRD-
"""
PRIMARY = Example("primary-event", PRIMARY_TEXT, prepare=_primary, expected="primary")
PLOIDY = Example("ploidy", PRIMARY_TEXT, prepare=_primary, expected="ploidy")


def _diagnosis(row: Row) -> tuple[dict[str, str], dict[str, str]]:
    kappa_clone = {"flc_kappa_mg_l": row["inv"], "flc_lambda_mg_l": row["unv"], "light_chain": "kappa"}
    return {
        "heavy_chain": row["hc"],
        "serum_m_g_dl": row["m"],
        "urine_m_mg_24h": row["u"],
        "bmpc_pct": row["bm"],
        "plasmacytoma": row["pc"],
        "calcium_mg_dl": row["ca"],
        "calcium_uln_mg_dl": row["uln"],
        "creatinine_mg_dl": row["cr"],
        "crcl_ml_min": row["crcl"],
        "hb_g_dl": row["hb"],
        "hb_lln_g_dl": row["lln"],
        "osteolytic_lesions": row["lyt"],
        "focal_lesions_mri": row["mri"],
        "cpc_pct": row["cpc"],
        "igm_symptoms": "no",
        **kappa_clone,
    }, {}


DIAGNOSIS = Example(
    "IMWG-2014-diagnosis",
    """
hc m u bm pc ca uln cr crcl hb lln lyt inv unv mri cpc expected
IgG 2.99 0 9.9 none 9.5 10.5 1.0 90 14 12 0 20 15 0 0 MGUS
IgG 3.0 0 5 none 9.5 10.5 1.0 90 14 12 0 20 15 0 0 SMM
IgG 0.5 0 10 none 9.5 10.5 1.0 90 14 12 0 20 15 0 0 SMM
IgG 2.0 0 59.9 none 9.5 10.5 1.0 90 14 12 0 20 15 0 0 SMM
IgG 2.0 0 60 none 9.5 10.5 1.0 90 14 12 0 20 15 0 0 MM
IgG 3.5 0 20 none 11.0 10.5 1.0 90 14 12 0 20 15 0 0 SMM
IgG 3.5 0 20 none 11.01 10.5 1.0 90 14 12 0 20 15 0 0 MM
IgG 3.5 0 20 none 10.9 10.2 1.0 90 14 12 0 20 15 0 0 SMM
IgG 3.5 0 20 none 11.2 10.2 1.0 90 14 12 0 20 15 0 0 MM
IgG 3.5 0 20 none 10.95 9.9 1.0 90 14 12 0 20 15 0 0 MM
IgG 3.5 0 20 none 9.5 10.5 2.0 40 14 12 0 20 15 0 0 SMM
IgG 3.5 0 20 none 9.5 10.5 2.01 45 14 12 0 20 15 0 0 MM
IgG 3.5 0 20 none 9.5 10.5 1.8 39.9 14 12 0 20 15 0 0 MM
IgG 3.5 0 20 none 9.5 10.5 1.0 90 10.0 12 0 20 15 0 0 SMM
IgG 3.5 0 20 none 9.5 10.5 1.0 90 9.9 11.5 0 20 15 0 0 MM
IgG 3.5 0 20 none 9.5 10.5 1.0 90 11.0 13.5 0 20 15 0 0 MM
IgG 3.5 0 20 none 9.5 10.5 1.0 90 11.5 13.5 0 20 15 0 0 SMM
IgG 1.0 0 10 none 9.5 10.5 1.0 90 14 12 1 20 15 0 0 MM
IgG 1.0 0 12 none 9.5 10.5 1.0 90 14 12 0 100 1.0 0 0 MM
IgG 1.0 0 12 none 9.5 10.5 1.0 90 14 12 0 99.9 0.9 0 0 SMM
IgG 1.0 0 12 none 9.5 10.5 1.0 90 14 12 0 500 5.01 0 0 SMM
IgG 1.0 0 12 none 9.5 10.5 1.0 90 14 12 0 20 15 1 0 SMM
IgG 1.0 0 12 none 9.5 10.5 1.0 90 14 12 0 20 15 2 0 MM
IgG 1.0 0 8 none 9.5 10.5 1.0 90 14 12 0 600 5 0 0 REVIEW_MDE_NO_CLONE
IgG 0.5 0 0 solitary 9.5 10.5 1.0 90 14 12 1 20 15 0 0 SOLITARY_PLASMACYTOMA
IgG 0.5 0 6 solitary 9.5 10.5 1.0 90 14 12 1 20 15 0 0 SOLITARY_PLASMACYTOMA_MINIMAL_MARROW
IgG 0.5 0 6 solitary 9.5 10.5 1.0 90 14 12 2 20 15 0 0 MM
IgG 0.5 0 12 solitary 9.5 10.5 1.0 90 14 12 1 20 15 0 0 MM
IgG 0.5 0 3 extramedullary 9.5 10.5 1.0 90 9.0 12 0 20 15 0 0 MM
none 0 499 5 none 9.5 10.5 1.0 90 14 12 0 80 10 0 0 LC_MGUS
none 0 500 5 none 9.5 10.5 1.0 90 14 12 0 80 10 0 0 SMM_LC
none 0 100 15 none 9.5 10.5 1.0 90 14 12 0 80 10 0 0 SMM_LC
IgM 2.9 0 9 none 9.5 10.5 1.0 90 14 12 0 20 15 0 0 IgM_MGUS
IgM 3.0 0 9 none 9.5 10.5 1.0 90 14 12 0 20 15 0 0 REVIEW_IgM
IgG 4 0 70 none 9.5 10.5 1.0 90 9 12 0 20 15 0 4.9 MM
IgG 4 0 70 none 9.5 10.5 1.0 90 9 12 0 20 15 0 5.0 PCL
IgG 2.0 0 5 none 9.5 10.5 1.0 90 9.0 12 0 20 15 0 0 REVIEW_MDE_NO_CLONE
""",
    prepare=_diagnosis,
)

EXAMPLES = [
    ISS,
    R_ISS,
    R2_ISS,
    CGS,
    MASS_3,
    MASS_4,
    MSMART,
    UK,
    MGP,
    IFM,
    IMWG_2014,
    HRCA,
    IMWG_2016,
    RW_ISS,
    S_ERMM,
    MAYO_2018,
    MAYO_2020,
    IMWG_SMM,
    MAYO_2008,
    PETHEMA,
    MGUS,
    PRIMARY,
    PLOIDY,
    DIAGNOSIS,
]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.system)
def test_every_worked_example_gets_its_label_and_points(example: Example) -> None:
    assert list(example.failures()) == []


def test_every_system_with_worked_examples_is_declared() -> None:
    without = set(risk("systems").SYSTEMS) - {example.system for example in EXAMPLES}
    assert without == {"IMS-2025-FISH", "MGUS-2018", "Mayo-cytogenetic-SMM", "evolving-SMM", "UK-double-hit-1p"}


def test_the_2025_consensus_without_sequencing_agrees_wherever_tp53_is_wild_type() -> None:
    labs, events = zip(*(_cgs(row) for row in CGS.rows if row["tp53"] == "0"), strict=True)
    patients = patients_of(list(labs), list(events))
    full, fish = outcomes_of("IMS-2025", patients), outcomes_of("IMS-2025-FISH", patients)
    assert [written(outcome) for outcome in fish] == [written(outcome) for outcome in full]


# What each mutation does, the module, the text and what takes its place. Each must break a worked example.
MUTATIONS = [
    ("R-ISS III by cytogenetics or LDH alone", "staging", 'stage == "III" and adverse', 'stage == "III" or adverse'),
    ("b2M 5.5 is not yet ISS III", "staging", "if b2m >= 5.5:", "if b2m > 5.5:"),
    ("b2M 3.5 is still ISS I", "staging", "b2m < 3.5", "b2m <= 3.5"),
    ("albumin 3.5 is not yet normal", "staging", "albumin >= 3.5", "albumin > 3.5"),
    (
        "b2M is cut above its thresholds",
        "inputs",
        'Lab("b2m", at_least={"mg_l": (3.5',
        'Lab("b2m", above={"mg_l": (3.5',
    ),
    ("albumin is cut above its threshold", "inputs", 'Lab("albumin", at_least', 'Lab("albumin", above'),
    (
        "M-protein 1.5 is no factor of MGUS",
        "precursors",
        'MgusM = Annotated[float, Lab("serum_m", at_least',
        'MgusM = Annotated[float, Lab("serum_m", above',
    ),
    ("M-protein 1.5 is no factor in the rule", "precursors", "serum_m >= 1.5", "serum_m > 1.5"),
    (
        "M-protein 3 is not yet smouldering",
        "diagnosis",
        'Lab("serum_m", at_least={"g_dl": (3,)',
        'Lab("serum_m", above={"g_dl": (3,)',
    ),
    (
        "M-protein 3 is not yet large",
        "diagnosis",
        '"serum M-protein >= 3 g/dL": serum_m >= 3',
        '"serum M-protein >= 3 g/dL": serum_m > 3',
    ),
    ("M-protein 3 is a small IgM", "diagnosis", '"igm" if serum_m >= 3', '"igm" if serum_m > 3'),
    ("plasma cells 10 % are no clone", "diagnosis", "clone = bmpc >= 10", "clone = bmpc > 10"),
    (
        "plasma cells 10 % are not smouldering",
        "diagnosis",
        'm_protein.startswith("large") or bmpc >= 10',
        'm_protein.startswith("large") or bmpc > 10',
    ),
    (
        "plasma cells 60 % define nothing",
        "diagnosis",
        "defining_event=crab or slim or bmpc >= 60",
        "defining_event=crab or slim or bmpc > 60",
    ),
    (
        "plasma cells are cut above 10 and 60",
        "diagnosis",
        'Lab("bmpc", at_least={"pct": (10, 60)}, above={"pct": (0,)})',
        'Lab("bmpc", above={"pct": (0, 10, 60)})',
    ),
    (
        "free light chain ratio 100 is not enough",
        "criteria",
        'reaches(patients, {"flc_ratio_involved": 100})',
        'beyond(patients, {"flc_ratio_involved": 100})',
    ),
    (
        "the involved chain may be below 100 mg/L",
        "criteria",
        'all_of(ratio, reaches(patients, {"flc_involved_mg_l": 100}))',
        "ratio",
    ),
    (
        "M-protein 2 counts in 20/2/20",
        "precursors",
        'Above2 = Annotated[float, Lab("serum_m", above',
        'Above2 = Annotated[float, Lab("serum_m", at_least',
    ),
    (
        "ratio 20 counts in 20/2/20",
        "precursors",
        'RatioAbove20 = Annotated[float, Lab("flc_ratio_involved", above',
        'RatioAbove20 = Annotated[float, Lab("flc_ratio_involved", at_least',
    ),
    (
        "plasma cells 20 % count in 20/2/20",
        "precursors",
        'MarrowAbove20 = Annotated[float, Lab("bmpc", above',
        'MarrowAbove20 = Annotated[float, Lab("bmpc", at_least',
    ),
    (
        "t(14;16) counts in R2-ISS",
        "staging",
        "+ del_17p + ldh + t_4_14 + 0.5",
        "+ del_17p + ldh + t_4_14 + t_14_16 + 0.5",
    ),
    (
        "ISS II gives nothing in R2-ISS",
        "staging",
        '{"I": 0.0, "II": 1.0, "III": 1.5}[stage] + del_17p',
        '{"I": 0.0, "II": 0.0, "III": 1.5}[stage] + del_17p',
    ),
    ("amp(1q) gives a whole point", "staging", "0.5 * gain_1q21", "1.0 * gain_1q21"),
    (
        "del(17p) counts in the IMWG score",
        "precursors",
        "gain_1q21: Found, del_13q: Found) -> Verdict",
        "gain_1q21: Found, del_13q: Found, del_17p: Found) -> Verdict",
    ),
    ("an unknown answer is a no", "patients", "np.where(excluded, NO, UNKNOWN)", "NO"),
    (
        "an unknown laboratory value is a low one",
        "inputs",
        "np.where(np.isnan(low), masks, masks & self._possible(low, high, unit))",
        "np.where(np.isnan(low), 1, masks & self._possible(low, high, unit))",
    ),
    (
        "a high-risk IGH translocation alone is high risk",
        "consensus_genomic",
        "high_risk_igh and (gain_1q21 or del_1p32 >= 1)",
        "high_risk_igh",
    ),
    (
        "the larger light chain is the clone's in MGUS",
        "monoclonal",
        "inside = (low >= KAPPA_LAMBDA_NORMAL[0])",
        "outside |= (high < 1 / KAPPA_LAMBDA_NORMAL[1]); inside = (low >= 1 / KAPPA_LAMBDA_NORMAL[1])",
    ),
    (
        "ISS II is enough for an MGP double hit",
        "adverse_lesions",
        "iss_iii_with_amp_1q21=b2m >= 5.5 and",
        "iss_iii_with_amp_1q21=b2m >= 3.5 and",
    ),
    (
        "3 copies are enough for an MGP double hit",
        "adverse_lesions",
        "biallelic_tp53: Found, b2m: B2mHigh, amp_1q21: Found",
        "biallelic_tp53: Found, b2m: B2mHigh, gain_1q21: Found",
    ),
]
MORE = {
    "t(14;16) counts in R2-ISS": (
        ("t_4_14: Found, gain_1q21: Found) -> Verdict", "t_4_14: Found, t_14_16: Found, gain_1q21: Found) -> Verdict"),
    ),
    "del(17p) counts in the IMWG score": (
        ("gain_1q21=gain_1q21, del_13q=del_13q)", "gain_1q21=gain_1q21, del_13q=del_13q, del_17p=del_17p)"),
    ),
    "3 copies are enough for an MGP double hit": (("b2m >= 5.5 and amp_1q21", "b2m >= 5.5 and gain_1q21"),),
}
"""Further replacements that a mutation needs to be a rule at all."""


@contextmanager
def mutated(module: str, replacements: Mapping[str, str]) -> Iterator[None]:
    """The risk package with the source of one module changed; every module that uses it is loaded afresh."""
    name = f"mmrisk.risk.{module}"
    original = {key: value for key, value in sys.modules.items() if key.startswith("mmrisk.risk")}
    source = importlib.util.find_spec(name).loader.get_source(name)
    for old, new in replacements.items():
        assert old in source, f"{old} is not in {module}.py"
        source = source.replace(old, new)
    try:
        for key in original:
            del sys.modules[key]
        importlib.import_module("mmrisk.risk")
        changed = sys.modules[name] = ModuleType(name)
        exec(compile(source, module, "exec"), changed.__dict__)
        yield
    finally:
        for key in [key for key in sys.modules if key.startswith("mmrisk.risk")]:
            del sys.modules[key]
        sys.modules.update(original)


@pytest.mark.parametrize(("what", "module", "old", "new"), MUTATIONS, ids=[mutation[0] for mutation in MUTATIONS])
def test_the_worked_examples_catch_a_wrong_rule(what: str, module: str, old: str, new: str) -> None:
    with mutated(module, {old: new, **dict(MORE.get(what, ()))}):
        assert any(failure for example in EXAMPLES for failure in example.failures())


def test_an_unchanged_rule_breaks_no_example_under_the_same_machinery() -> None:
    with mutated("staging", {}):
        assert [failure for example in EXAMPLES for failure in example.failures()] == []
