# Everything per sample in one table, the report, and what made it all.


rule join_cohort:
    input:
        samples=sheet("samples"),
        events="<results>/events.tsv",
        labels="<results>/labels.tsv",
        conflicts="<results>/conflicts.tsv",
        status=[path for kind in HAS for path in evidence_files(kind, "status")],
        treatments=sheet("treatments"),
        composition=marrow("composition"),
        signatures=marrow("signatures"),
        targets=marrow("targets"),
        cell_quality=marrow("cell_quality"),
        identity=marrow("identity"),
        facts=facts_of("join_cohort.py"),
    output:
        cohort=report("<results>/cohort.tsv", caption="../report/cohort.rst", category="Tables"),
        patients="<results>/patients.tsv",
        status="<results>/status.tsv",
    log:
        "<logs>/join_cohort.log",
    benchmark:
        "<benchmarks>/join_cohort.tsv"
    conda:
        "../../envs/mmrisk.yaml"
    params:
        script=script("join_cohort.py"),
        code=provenance.fingerprint("join_cohort.py"),
        others=lambda wildcards, input: named_flags(
            input, "treatments", "composition", "signatures", "targets", "cell_quality", "identity"
        ),
    shell:
        "python {params.script:q} --samples {input.samples:q} --events {input.events:q} --labels {input.labels:q}"
        " --conflicts {input.conflicts:q} --status {input.status:q} {params.others} --out {output.cohort:q}"
        " --patients {output.patients:q} --status-out {output.status:q} > {log:q} 2>&1"


# what the report shows beside events and labels, where the cohort has it
REPORT_TABLES = (
    "label_changes",
    "trajectory",
    "segments",
    "bins",
    "purity",
    "arms",
    "breakpoints",
    "breakpoint_reads",
    "ig_rearrangements",
    "spikes",
    "expression_groups",
    "arm_dosage",
    "composition",
    "signatures",
    "targets",
    "cell_quality",
    "cell_arms",
    "cell_places",
    "identity",
    "associations",
    "sensitivity",
    "trends",
    "survival",
    "kaplan_meier",
)


rule build_report:
    input:
        samples=sheet("samples"),
        assays=sheet("assays"),
        clinical=sheet("clinical"),
        evidence=[path for kind in HAS for path in evidence_files(kind)],
        events="<results>/events.tsv",
        conflicts="<results>/conflicts.tsv",
        risk="<results>/risk.tsv",
        to_order="<results>/to_order.tsv",
        status="<results>/status.tsv",
        label_changes="<results>/label_changes.tsv",
        trajectory="<results>/trajectory.tsv",
        parsed="<results>/parsed_reports.tsv" if HAS["reports"] else [],
        segments=segments_files(),
        purity=of_branch("copy_number", "purity"),
        bins=of_branch("copy_number", "bins"),
        arms=of_branch("copy_number", "arms"),
        breakpoints=breakpoints_files(),
        breakpoint_reads=of_branch("translocations", "breakpoint_reads"),
        ig_rearrangements=of_branch("translocations", "ig_rearrangements"),
        spikes="<results>/spikes.tsv" if HAS["expression"] else [],
        expression_groups="<results>/expression_groups.tsv" if HAS["expression"] else [],
        arm_dosage="<results>/arm_dosage.tsv" if HAS["expression"] else [],
        composition=marrow("composition"),
        signatures=marrow("signatures"),
        targets=marrow("targets"),
        cell_quality=marrow("cell_quality"),
        cell_arms=marrow("cell_arms"),
        cell_places="<results>/cell_places.tsv" if HAS["cells"] and config.get("cells", {}).get("picture") else [],
        identity=marrow("identity"),
        associations="<results>/associations.tsv" if marrow("composition") else [],
        sensitivity="<results>/sensitivity.tsv" if marrow("composition") else [],
        trends="<results>/trends.tsv" if marrow("composition") else [],
        survival="<results>/survival.tsv" if marrow("composition") else [],
        kaplan_meier="<results>/kaplan_meier.tsv" if marrow("composition") else [],
        tables=[
            "<results>/cohort.tsv",
            "<results>/patients.tsv",
            "<results>/labels.tsv",
        ],
        templates=sorted(map(str, (REPO / "scripts/mmrisk/report/templates").glob("*"))),
        facts=facts_of("build_report.py"),
    output:
        index=report("<results>/report/index.html", caption="../report/cohort_page.rst", category="Pages"),
        pages=directory("<results>/report/patients"),
    log:
        "<logs>/build_report.log",
    benchmark:
        "<benchmarks>/build_report.tsv"
    conda:
        "../../envs/mmrisk.yaml"
    params:
        script=script("build_report.py"),
        code=provenance.fingerprint("build_report.py"),
        assays=lambda wildcards, input: flag("--assays", input.get("assays")),
        clinical=lambda wildcards, input: flag("--clinical", input.get("clinical")),
        parsed=lambda wildcards, input: flag("--parsed", input.get("parsed")),
        more=lambda wildcards, input: named_flags(input, *REPORT_TABLES),
        profile=lookup(dpath="cutoff_profile", within=config, default="emn2012"),
    shell:
        "python {params.script:q} --samples {input.samples:q} {params.assays} {params.clinical}"
        " --evidence {input.evidence:q} --events {input.events:q} --conflicts {input.conflicts:q}"
        " --risk {input.risk:q} --to-order {input.to_order:q} --status {input.status:q} {params.parsed}"
        " {params.more} --tables {input.tables:q} --profile {params.profile:q}"
        " --out {output.index:q} --pages {output.pages:q} > {log:q} 2>&1"


rule summarise_run:
    input:
        cohort="<results>/cohort.tsv",
        labels="<results>/labels.tsv",
        risk="<results>/risk.tsv",
        conflicts="<results>/conflicts.tsv",
        status="<results>/status.tsv",
        parsed="<results>/parsed_reports.tsv" if HAS["reports"] else [],
        report="<results>/report/index.html",
        outputs=[
            "<results>/events.tsv",
            "<results>/to_order.tsv",
            "<results>/patients.tsv",
            *filter(None, map(marrow, ("composition", "signatures", "targets", "cell_quality", "identity"))),
            *(["<results>/associations.tsv", "<results>/trends.tsv"] if marrow("composition") else []),
        ],
        inputs=sorted(map(str, SHEETS.values()))
        + [path for kind in HAS if kind not in LARGE_KINDS for path in assay_files(kind)],
        facts=facts_of("summarise_run.py"),
    output:
        summary="<results>/summary.txt",
        manifest="<results>/manifest.json",
    log:
        "<logs>/summarise_run.log",
    benchmark:
        "<benchmarks>/summarise_run.tsv"
    conda:
        "../../envs/mmrisk.yaml"
    params:
        script=script("summarise_run.py"),
        code=provenance.fingerprint("summarise_run.py"),
        config=json.dumps(config, sort_keys=True),
        parsed=lambda wildcards, input: flag("--parsed", input.get("parsed")),
    shell:
        "python {params.script:q} --cohort {input.cohort:q} --labels {input.labels:q} --risk {input.risk:q}"
        " --conflicts {input.conflicts:q} --status {input.status:q} {params.parsed} --report {input.report:q} --inputs {input.inputs:q}"
        " --outputs {input.outputs:q} --config {params.config:q} --out {output.summary:q}"
        " --manifest {output.manifest:q} > {log:q} 2>&1"
