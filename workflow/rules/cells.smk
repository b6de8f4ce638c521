# Single cells: one job per sample, small tables of it for the cohort. No step needs the cells of all samples at once.


rule describe_cells:
    input:
        counts=lambda wildcards: str(ASSAY_ROWS[wildcards.stem]["file"]),
        beside=lambda wildcards: beside_counts(wildcards.stem),
        contigs=lambda wildcards: [str(path) for path in [ASSAY_ROWS[wildcards.stem]["contigs"]] if path],
        own=sheet("signatures"),
        facts=facts_of("describe_cells.py"),
    output:
        evidence="<results>/evidence/cells/{stem}.tsv",
        status="<results>/status/cells/{stem}.tsv",
        cells="<results>/cells/{stem}.h5ad",
        composition="<results>/cells/{stem}.composition.tsv",
        signatures="<results>/cells/{stem}.signatures.tsv",
        quality="<results>/cells/{stem}.cell_quality.tsv",
        targets="<results>/cells/{stem}.targets.tsv",
        arms="<results>/cells/{stem}.cell_arms.tsv",
    log:
        "<logs>/describe_cells.{stem}.log",
    benchmark:
        "<benchmarks>/describe_cells.{stem}.tsv"
    conda:
        "../../envs/cells.yaml"
    params:
        script=script("describe_cells.py"),
        code=provenance.fingerprint("describe_cells.py"),
        profile=lookup(dpath="cutoff_profile", within=config, default="emn2012"),
        sheet=lambda wildcards: cells_flags(wildcards.stem),
        own=lambda wildcards, input: flag("--signatures", input.get("own")),
        n_mads=lookup(dpath="cells/n_mads", within=config, default=5.0),
        min_genes=lookup(dpath="cells/min_genes", within=config, default=100),
        max_mitochondrial=lookup(dpath="cells/max_mitochondrial", within=config, default=0.5),
    shell:
        "python {params.script:q} --counts {input.counts:q} {params.sheet} {params.own} --profile {params.profile:q}"
        " --n-mads {params.n_mads} --min-genes {params.min_genes} --max-mitochondrial {params.max_mitochondrial}"
        " --out {output.evidence:q} --cells-out {output.cells:q} --composition-out {output.composition:q}"
        " --signatures-out {output.signatures:q} --quality-out {output.quality:q} --targets-out {output.targets:q}"
        " --arms-out {output.arms:q} --status {output.status:q} > {log:q} 2>&1"


rule join_tables:
    input:
        parts=lambda wildcards: marrow_parts(wildcards.table),
    output:
        "<results>/{table}.tsv",
    log:
        "<logs>/join_tables.{table}.log",
    benchmark:
        "<benchmarks>/join_tables.{table}.tsv"
    wildcard_constraints:
        table="composition|signatures|cell_quality|cell_arms",
    conda:
        "../../envs/mmrisk.yaml"
    params:
        script=script("join_tables.py"),
        code=provenance.fingerprint("join_tables.py"),
    shell:
        "python {params.script:q} --table {wildcards.table} --parts {input.parts:q} --out {output:q} > {log:q} 2>&1"


rule join_targets:
    input:
        targets=cell_tables("targets"),
        events="<results>/events.tsv",
        facts=facts_of("join_targets.py"),
    output:
        "<results>/targets.tsv",
    log:
        "<logs>/join_targets.log",
    benchmark:
        "<benchmarks>/join_targets.tsv"
    conda:
        "../../envs/mmrisk.yaml"
    params:
        script=script("join_targets.py"),
        code=provenance.fingerprint("join_targets.py"),
    shell:
        "python {params.script:q} --targets {input.targets:q} --events {input.events:q} --out {output:q} > {log:q} 2>&1"


rule compare_identity:
    input:
        samples=sheet("samples"),
        events="<results>/events.tsv",
        m_protein="<results>/m_protein.tsv",
        quality="<results>/cell_quality.tsv",
        arms="<results>/cell_arms.tsv",
        evidence=evidence_files("cells"),
        facts=facts_of("compare_identity.py"),
    output:
        "<results>/identity.tsv",
    log:
        "<logs>/compare_identity.log",
    benchmark:
        "<benchmarks>/compare_identity.tsv"
    conda:
        "../../envs/mmrisk.yaml"
    params:
        script=script("compare_identity.py"),
        code=provenance.fingerprint("compare_identity.py"),
    shell:
        "python {params.script:q} --samples {input.samples:q} --events {input.events:q} --m-protein {input.m_protein:q}"
        " --quality {input.quality:q} --arms {input.arms:q} --evidence {input.evidence:q} --out {output:q} > {log:q} 2>&1"


rule embed_cells:
    input:
        samples=sheet("samples"),
        cells=[f"<results>/cells/{stem}.h5ad" for stem in data_files("cells")],
        facts=facts_of("embed_cells.py"),
    output:
        places="<results>/cell_places.tsv",
        figure="<results>/cells.png",
    log:
        "<logs>/embed_cells.log",
    benchmark:
        "<benchmarks>/embed_cells.tsv"
    conda:
        "../../envs/cells.yaml"
    params:
        script=script("embed_cells.py"),
        code=provenance.fingerprint("embed_cells.py"),
    shell:
        "python {params.script:q} --samples {input.samples:q} --cells {input.cells:q} --out {output.places:q}"
        " --figure {output.figure:q} > {log:q} 2>&1"


rule read_composition:
    input:
        assays=sheet("assays"),
        files=assay_files("composition"),
        facts=facts_of("read_composition.py"),
    output:
        evidence="<results>/evidence/composition.tsv",
        composition="<results>/measured_composition.tsv",
        signatures="<results>/measured_signatures.tsv",
        status="<results>/status/composition.tsv",
    log:
        "<logs>/read_composition.log",
    benchmark:
        "<benchmarks>/read_composition.tsv"
    conda:
        "../../envs/mmrisk.yaml"
    params:
        script=script("read_composition.py"),
        code=provenance.fingerprint("read_composition.py"),
    shell:
        "python {params.script:q} --assays {input.assays:q} --evidence-out {output.evidence:q}"
        " --out {output.composition:q} --signatures-out {output.signatures:q} --status {output.status:q} > {log:q} 2>&1"
