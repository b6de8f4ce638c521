"""Made-up myeloma patients: genomes in the usual groups, and marrow samples with that clone."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mmrisk.simulate.cells import Clone, Marrow, Subclone
from mmrisk.simulate.profiles import kinds

SPIKES = {"t_4_14": ("NSD2", 4.0), "t_11_14": ("CCND1", 12.0), "t_14_16": ("MAF", 5.0), "t_14_20": ("MAFB", 4.0)}
"""Target gene of each fusion and its level, transcripts in 10,000."""
HYPERDIPLOID = 0.5
FUSIONS = {"t_4_14": 0.25, "t_11_14": 0.35, "t_14_16": 0.08, "t_14_20": 0.04, "": 0.28}
"""Fusions among genomes that are not hyperdiploid, roughly as in newly diagnosed patients."""
TRISOMIES = {"3": 0.6, "5": 0.65, "7": 0.6, "9": 0.85, "11": 0.65, "15": 0.9, "19": 0.9, "21": 0.45}
"""Share of hyperdiploid genomes with each trisomy, roughly."""
SINGLE_ARMS = {
    "1q": (3.0, 0.35), "13q": (1.0, 0.45), "16q": (1.0, 0.2), "14q": (1.0, 0.12), "17p": (1.0, 0.1), "8p": (1.0, 0.15),
    "1p": (1.0, 0.1), "8q": (3.0, 0.08),
}  # fmt: skip
"""Copies of other arms, and share of genomes that have them."""
LIGHT_V = {"kappa": ("IGKV3-20", "IGKV1-39", "IGKV4-1", "IGKV1-5"), "lambda": ("IGLV2-14", "IGLV1-40", "IGLV3-1")}
HEAVY_V = ("IGHV3-23", "IGHV4-59", "IGHV1-69", "IGHV3-30", "IGHV5-51")


@dataclass(frozen=True, slots=True)
class Patient:
    """One patient: sex; copies of altered arms, fusion ("" for none), receptor and subclone of the clone."""

    sex: str
    arms: Mapping[str, float]
    fusion: str
    light_chain: str
    light_v: str
    heavy_v: str
    subclone: str

    def clone(self, *, share: float) -> Clone:
        """The patient's clone as `share` of the plasma cells."""
        spikes = dict([SPIKES[self.fusion]]) if self.fusion else {}
        subclones = (Subclone(0.3, {self.subclone: 3.0 if self.subclone == "1q" else 1.0}),) if self.subclone else ()
        return Clone(
            share=share,
            light_chain=self.light_chain,
            light_v=self.light_v,
            heavy_v=self.heavy_v,
            arms=self.arms,
            spikes=spikes,
            subclones=subclones,
        )


def random_patient(rng: np.random.Generator) -> Patient:
    """A patient with a usual genome."""
    hyperdiploid = rng.random() < HYPERDIPLOID
    fusion = "" if hyperdiploid else str(rng.choice(list(FUSIONS), p=list(FUSIONS.values())))
    arms = {arm: copies for arm, (copies, share) in SINGLE_ARMS.items() if rng.random() < share}
    for chrom, share in TRISOMIES.items():
        if hyperdiploid and rng.random() < share:
            arms |= {chrom + letter: 3.0 for letter in ("q" if chrom in ("15", "21") else "pq")}
    chain = "kappa" if rng.random() < 0.65 else "lambda"
    quiet = [arm for arm in ("1q", "17p", "8p", "13q") if arm not in arms]
    return Patient(
        sex=str(rng.choice(["F", "M"])),
        arms=arms,
        fusion=fusion,
        light_chain=chain,
        light_v=str(rng.choice(LIGHT_V[chain])),
        heavy_v=str(rng.choice(HEAVY_V)),
        subclone=str(rng.choice(quiet)) if quiet and rng.random() < 0.25 else "",
    )


def random_marrow(patient: Patient, rng: np.random.Generator, *, n_cells: int, share: float | None = None) -> Marrow:
    """A marrow of the patient: composition around the usual one, ambient RNA of 5 to 20 %, own batch."""
    usual = {name: kind.share for name, kind in kinds("subset").items() if kind.share}
    weights = {name: float(value * rng.gamma(4.0, 0.25)) for name, value in usual.items()}
    clone_share = float(rng.uniform(0.6, 0.98)) if share is None else share
    return Marrow(
        n_cells=n_cells,
        plasma_share=float(rng.uniform(0.1, 0.6)),
        composition=weights,
        programmes={"exhausted": 0.2, "interferon": 0.1, "proliferation": 0.05},
        clone=patient.clone(share=clone_share),
        normal_kappa=float(np.clip(rng.normal(0.6, 0.05), 0.4, 0.8)),
        ambient=float(rng.uniform(0.05, 0.2)),
        batch_seed=int(rng.integers(1_000_000)),
        sex=patient.sex,
    )
