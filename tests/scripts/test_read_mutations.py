"""The commands read_mutations.py and read_expression.py: by hand, and from an assays sheet."""

import pandas as pd
import pytest

import read_expression
import read_mutations
from mmrisk.contracts import EVIDENCE, MUTATIONS, PURITY, SEGMENTS, SPIKES, STATUS
from mmrisk.tables import read_table, write_table

MAF = (
    "Hugo_Symbol\tVariant_Classification\tTumor_Sample_Barcode\tHGVSp_Short\tt_depth\tt_ref_count\tt_alt_count\n"
    "TP53\tMissense_Mutation\tS1\tp.R175H\t500\t275\t225\nNRAS\tMissense_Mutation\tS2\tp.Q61R\t400\t300\t100\n"
)
MATRIX = "gene\tS1\tS2\nNSD2\t1500\t50\nCCND1\t2\t3\n"


def write(path, text):
    path.write_text(text)
    return path


def run(command, *arguments):
    return command.run([str(argument) for argument in arguments])


def test_mutations_of_a_cohort_by_hand(tmp_path):
    path, out = write(tmp_path / "c.maf", MAF), tmp_path / "e.tsv"
    flags = ("--build", "hg38", "--source", "wes", "--purity", "0.9", "--min-depth", "400", "--cell-selection", "cd138")
    assert run(read_mutations, "--variants", path, *flags, "--out", out) == 0
    rows = read_table(out, EVIDENCE).set_index(["sample_id", "event"])
    assert rows.loc[("S1", "tp53_mutation"), ["state", "fraction"]].tolist() == ["present", 1.0]
    assert rows.loc[("S2", "tp53_mutation"), "state"] == "absent"
    assert rows.loc[("S2", "nras_mutation"), "fraction"] == pytest.approx(0.5556, abs=1e-3)


def test_the_variants_that_count_have_a_table_of_their_own(tmp_path):
    more = "TP53\tMissense_Mutation\tS1\tp.A1B\t500\t275\t225\nTP53\tSilent\tS1\tp.R175=\t500\t275\t225\n"
    path, out = write(tmp_path / "c.maf", MAF + more), tmp_path / "m.tsv"
    flags = ("--build", "hg38", "--source", "wes", "--out", tmp_path / "e.tsv", "--mutations-out", out)
    assert run(read_mutations, "--variants", path, *flags) == 0
    rows = read_table(out, MUTATIONS)
    assert rows[["sample_id", "gene", "event", "protein", "classification"]].to_numpy().tolist() == [
        ["S1", "TP53", "tp53_mutation", "p.R175H", "Missense_Mutation"],
        ["S2", "NRAS", "nras_mutation", "p.Q61R", "Missense_Mutation"],
    ]
    assert rows["alt_reads"].tolist() == [225, 100]
    assert rows["position"].isna().all()


def test_purity_and_copies_come_from_tables_where_the_flags_do_not_say(tmp_path):
    path, out = write(tmp_path / "c.maf", MAF), tmp_path / "e.tsv"
    segments, purity = tmp_path / "segments.tsv", tmp_path / "purity.tsv"
    place = dict(sample_id="S1", assay_id="wgs")
    rows = [dict(place, chrom="17", start=0, end=22_000_000, copies=1.4)]
    write_table(pd.DataFrame(rows), SEGMENTS, segments)
    write_table(pd.DataFrame([dict(place, rank=1, method="fitted", purity=0.6)]), PURITY, purity)
    flags = ("--build", "hg38", "--source", "wes", "--segments", segments, "--purities", purity)
    assert run(read_mutations, "--variants", path, *flags, "--out", out) == 0
    row = read_table(out, EVIDENCE).set_index(["sample_id", "event"]).loc[("S1", "tp53_mutation")]
    assert row["purity"] == 0.6
    assert row["fraction"] == pytest.approx(1.0)  # 0.45 * 1.4 / 0.6 = 1.05 of the one copy that is left
    assert row["warnings"] == "wild_type_lost"


def test_one_bad_file_of_a_sheet_costs_only_itself(tmp_path):
    write(tmp_path / "good.maf", MAF)
    write(tmp_path / "bad.vcf", "nothing\n")
    sheet = write(
        tmp_path / "assays.tsv",
        "sample_id\tassay_id\tkind\tsource\tfile\tbuild\tgenes\tmin_depth\n"
        "*\tmaf\tmutations\tpanel\tgood.maf\thg38\tTP53; NRAS\t300\nS3\tvcf\tmutations\twes\tbad.vcf\thg38\t\t\n",
    )
    frames = []
    for chunk in ("0/2", "1/2"):
        out, status = tmp_path / f"e{chunk[0]}.tsv", tmp_path / f"s{chunk[0]}.tsv"
        assert run(read_mutations, "--assays", sheet, "--chunk", chunk, "--out", out, "--status", status) == 0
        frames.append((read_table(out, EVIDENCE), read_table(status, STATUS)))
    states = {row.assay_id: row.status for _, status in frames for row in status.itertuples()}
    assert states == {"maf": "ok", "vcf": "failed"}
    evidence = [row for frame, _ in frames for row in frame.itertuples()]
    assert {row.event for row in evidence if row.state != "not_tested"} == {"tp53_mutation", "nras_mutation"}


def test_expression_from_a_sheet_and_fusions_by_hand(tmp_path):
    write(tmp_path / "m.tsv", MATRIX)
    sheet = write(
        tmp_path / "assays.tsv",
        "sample_id\tassay_id\tkind\tsource\tfile\tunit\n*\trna\texpression\texpression\tm.tsv\ttpm\n"
        "*\tlog\texpression\texpression\tm.tsv\tlog2_tpm\n",
    )
    out, spikes, status = tmp_path / "e.tsv", tmp_path / "spikes.tsv", tmp_path / "status.tsv"
    assert run(read_expression, "--assays", sheet, "--out", out, "--spikes-out", spikes, "--status", status) == 0
    assert read_table(status, STATUS).set_index("assay_id")["status"].to_dict() == {"log": "failed", "rna": "ok"}
    found = read_table(spikes, SPIKES).set_index(["sample_id", "event"])
    assert found.loc[("S1", "t_4_14"), "probability"] > 0.99
    assert set(read_table(out, EVIDENCE)["tier"]) == {"inferred"}
    fusions = write(tmp_path / "f.tsv", "#FusionName\tJunctionReadCount\tSpanningFragCount\nIGH--NSD2\t9\t4\n")
    assert run(read_expression, "--fusions", fusions, "--sample-id", "S1", "--out", out) == 0
    assert read_table(out, EVIDENCE)["event"].tolist() == ["t_4_14"]


BAD = [
    (read_mutations, ("--variants", "c.maf", "--source", "wes"), "column --build: is missing or unknown"),
    (read_expression, ("--expression", "m.tsv"), "column unit: is missing"),
    (read_expression, ("--fusions", "m.tsv", "--sample-id", "S1"), "is not the header of a table of Arriba"),
]


@pytest.mark.parametrize(("command", "arguments", "said"), BAD)
def test_a_user_error_is_one_line_and_status_2(command, arguments, said, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "c.maf", MAF)
    write(tmp_path / "m.tsv", MATRIX)
    assert run(command, *arguments, "--out", tmp_path / "e.tsv") == 2
    assert said in capsys.readouterr().err
