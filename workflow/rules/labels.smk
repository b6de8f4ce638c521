# Evidence -> events -> risk labels.


rule decide_events:
    input:
        evidence=[path for kind in HAS for path in evidence_files(kind)],
        samples=sheet("samples"),
        facts=facts_of("decide_events.py"),
    output:
        events="<results>/events.tsv",
        conflicts="<results>/conflicts.tsv",
    log:
        "<logs>/decide_events.log",
    benchmark:
        "<benchmarks>/decide_events.tsv"
    conda:
        "../../envs/mmrisk.yaml"
    params:
        script=script("decide_events.py"),
        code=provenance.fingerprint("decide_events.py"),
        profile=lookup(dpath="cutoff_profile", within=config, default="emn2012"),
        accept=flag("--accept-two-fusions", config.get("accept_two_fusions", [])),
    shell:
        "python {params.script:q} --evidence {input.evidence:q} --samples {input.samples:q}"
        " --profile {params.profile:q} {params.accept}"
        " --out {output.events:q} --conflicts {output.conflicts:q} > {log:q} 2>&1"


rule assign_risk:
    input:
        events="<results>/events.tsv",
        samples=sheet("samples"),
        clinical=sheet("clinical"),
        columns=sheet("clinical_columns"),
        facts=facts_of("assign_risk.py"),
    output:
        risk="<results>/risk.tsv",
        labels=report("<results>/labels.tsv", caption="../report/labels.rst", category="Tables"),
        to_order="<results>/to_order.tsv",
        m_protein="<results>/m_protein.tsv",
        organ_damage="<results>/organ_damage.tsv",
        changes="<results>/label_changes.tsv",
        trajectory="<results>/trajectory.tsv",
    log:
        "<logs>/assign_risk.log",
    benchmark:
        "<benchmarks>/assign_risk.tsv"
    conda:
        "../../envs/mmrisk.yaml"
    params:
        script=script("assign_risk.py"),
        code=provenance.fingerprint("assign_risk.py"),
        profile=lookup(dpath="cutoff_profile", within=config, default="emn2012"),
        clinical=lambda wildcards, input: flag("--clinical", input.get("clinical")),
        columns=lambda wildcards, input: flag("--columns", input.get("columns")),
        inferred="--allow-inferred" if config.get("allow_inferred") else "",
        unverified="--include-unverified" if config.get("include_unverified") else "",
    shell:
        "python {params.script:q} --events {input.events:q} {params.clinical} {params.columns} --profile {params.profile:q}"
        " {params.inferred} {params.unverified} --out {output.risk:q} --labels {output.labels:q} --to-order {output.to_order:q}"
        " --m-protein {output.m_protein:q} --organ-damage {output.organ_damage:q}"
        " --samples {input.samples:q} --changes {output.changes:q} --trajectory {output.trajectory:q}"
        " > {log:q} 2>&1"
