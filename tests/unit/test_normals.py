"""Captures: a panel of normals tells what an exome makes of a genome without changes."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mmrisk.assays import AssayFile
from mmrisk.contracts import NORMALS
from mmrisk.copynumber import read_calls
from mmrisk.copynumber.normals import build_panel, read_panel
from mmrisk.copynumber.read_calls import call_file, called
from mmrisk.copynumber.read_profile import fit_counts
from mmrisk.errors import InputError
from mmrisk.genome import AUTOSOMES
from mmrisk.simulate.bins import simulate_bins
from mmrisk.simulate.truth import Change, Truth, place_of
from mmrisk.tables import write_table

GENOME = (*AUTOSOMES, "X")
CHANGES = tuple(Change(place_of(p, "GRCh38"), n, n // 2) for p, n in (("1q", 3), ("13", 1), ("9", 3), ("15", 3)))


def exome(*, seed, purity=0.0, changes=()):
    """Counts of a capture: each bin holds its own number of baits, a third of them next to none."""
    truth = Truth(depth=5.0, purity=purity, seed=seed, chromosomes=GENOME, changes=changes)
    counts = simulate_bins(truth, dispersion=0.0)
    baits = np.random.default_rng(99).lognormal(0.0, 1.0, len(counts.kept))
    baits[np.random.default_rng(98).random(len(baits)) < 0.33] = 0.002
    rng = np.random.default_rng([seed, 5])
    kept = rng.poisson(counts.kept * baits / 10 * rng.gamma(1 / 0.05**2, 0.05**2, len(baits)))
    return replace(counts, kept=kept, low=np.zeros_like(kept))


@pytest.fixture(scope="module")
def panel(tmp_path_factory):
    path = tmp_path_factory.mktemp("panel") / "normals.tsv"
    write_table(build_panel([exome(seed=seed) for seed in range(100, 108)]), NORMALS, path)
    return path


ASSAY = AssayFile(sample_id="S", assay_id="a", source="wes", file=Path("a.bam"), build="GRCh38")


def call(counts, panel, purity=None):
    fitted = fit_counts(counts, purity=purity, panel=read_panel(panel, counts))
    return {item.event: item for item in called(fitted, counts, ASSAY).evidence}


def test_an_exome_is_called_against_its_normals(panel):
    events = call(exome(seed=1, purity=0.8, changes=CHANGES), panel)
    for event in ("gain_1q21", "del_13q", "trisomy_9", "trisomy_15", "hyperdiploid"):
        assert events[event].state == "present", event
    assert events["gain_1q21"].purity == pytest.approx(0.8, abs=0.04)
    assert events["trisomy_7"].state == "absent"


def test_a_normal_exome_has_nothing(panel):
    events = call(exome(seed=2), panel, purity=0.9)
    assert not [event for event, item in events.items() if item.state == "present"]
    assert events["del_17p"].detection_limit < 0.3


def test_without_its_normals_the_same_exome_would_be_all_noise():
    fitted = fit_counts(exome(seed=2))
    assert fitted.bins.spread > 0.5


def test_too_few_normals_are_refused():
    with pytest.raises(InputError, match="normals are too few"):
        build_panel([exome(seed=1), exome(seed=2)])


def test_a_panel_of_another_build_or_of_other_bins_is_refused(panel, tmp_path):
    counts = exome(seed=1)
    with pytest.raises(InputError, match="is not GRCh37, the build of the reads"):
        read_panel(panel, replace(counts, build="GRCh37"))
    with pytest.raises(InputError, match="lacks more than a tenth of the bins"):
        read_panel(panel, replace(counts, start=counts.start + 50))


def test_an_exome_without_normals_is_a_status_row(monkeypatch):
    monkeypatch.setattr(read_calls, "check_alignments", lambda *a, **k: None)
    monkeypatch.setattr(read_calls, "check_is_dna", lambda reads: None)
    monkeypatch.setattr(read_calls, "count_reads", lambda *a, **k: exome(seed=1))
    with pytest.raises(InputError, match="column normals: is missing"):
        call_file(ASSAY)


def test_a_capture_of_ig_loci_without_normals_gives_a_note_and_no_copy_number(monkeypatch):
    monkeypatch.setattr(read_calls, "check_alignments", lambda *a, **k: None)
    monkeypatch.setattr(read_calls, "check_is_dna", lambda reads: None)
    found = call_file(replace(ASSAY, ig_baits=True))
    assert (found.evidence, len(found.table)) == ((), 0)
    assert found.notes == ("copy number was not called: an exome or panel needs normals of the same assay",)
