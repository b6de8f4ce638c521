# Tables of a run in the formats that others load: the target `exports`.


rule exports:
    input:
        "<results>/exports/labels.csv",
        "<results>/exports/cbioportal",
        "<results>/exports/commpass",
        "<results>/exports/tracks",
        "<results>/exports/phenopackets",
        "<results>/exports/multiqc",
        cells_with_labels(),


rule export_labels:
    input:
        cohort="<results>/cohort.tsv",
        labels="<results>/labels.tsv",
        facts=facts_of("export_labels.py"),
    output:
        "<results>/exports/labels.csv",
    log:
        "<logs>/export_labels.log",
    benchmark:
        "<benchmarks>/export_labels.tsv"
    conda:
        "../../envs/mmrisk.yaml"
    params:
        script=script("export_labels.py"),
        code=provenance.fingerprint("export_labels.py"),
    shell:
        "python {params.script:q} --cohort {input.cohort:q} --labels {input.labels:q} --out {output:q} > {log:q} 2>&1"


rule export_cbioportal:
    input:
        cohort="<results>/cohort.tsv",
        evidence=[path for kind in HAS for path in evidence_files(kind)],
        segments=segments_files(),
        breakpoints=breakpoints_files(),
        mutations=[f"<results>/mutations/{chunk}.tsv" for chunk in CHUNKS] if HAS["mutations"] else [],
        outcomes=sheet("outcomes"),
        treatments=sheet("treatments"),
        facts=facts_of("export_cbioportal.py"),
    output:
        directory("<results>/exports/cbioportal"),
    log:
        "<logs>/export_cbioportal.log",
    benchmark:
        "<benchmarks>/export_cbioportal.tsv"
    conda:
        "../../envs/mmrisk.yaml"
    params:
        script=script("export_cbioportal.py"),
        code=provenance.fingerprint("export_cbioportal.py"),
        tables=lambda wildcards, input: named_flags(
            input, "evidence", "segments", "breakpoints", "mutations", "outcomes", "treatments"
        ),
        study=flag("--study", config.get("exports", {}).get("study")),
        name=flag("--name", config.get("exports", {}).get("name")),
        type_of_cancer=flag("--type-of-cancer", config.get("exports", {}).get("type_of_cancer")),
    shell:
        "python {params.script:q} --cohort {input.cohort:q} {params.tables} {params.study} {params.name}"
        " {params.type_of_cancer} --out {output:q} > {log:q} 2>&1"


rule export_commpass:
    input:
        cohort="<results>/cohort.tsv",
        evidence=[path for kind in HAS for path in evidence_files(kind)],
        segments=segments_files(),
        breakpoints=breakpoints_files(),
        facts=facts_of("export_commpass.py"),
    output:
        directory("<results>/exports/commpass"),
    log:
        "<logs>/export_commpass.log",
    benchmark:
        "<benchmarks>/export_commpass.tsv"
    conda:
        "../../envs/mmrisk.yaml"
    params:
        script=script("export_commpass.py"),
        code=provenance.fingerprint("export_commpass.py"),
        tables=lambda wildcards, input: named_flags(input, "evidence", "segments", "breakpoints"),
    shell:
        "python {params.script:q} --cohort {input.cohort:q} {params.tables} --out {output:q} > {log:q} 2>&1"


rule export_tracks:
    input:
        evidence=[path for kind in HAS for path in evidence_files(kind)],
        segments=segments_files(),
        breakpoints=breakpoints_files(),
        facts=facts_of("export_tracks.py"),
    output:
        directory("<results>/exports/tracks"),
    log:
        "<logs>/export_tracks.log",
    benchmark:
        "<benchmarks>/export_tracks.tsv"
    conda:
        "../../envs/mmrisk.yaml"
    params:
        script=script("export_tracks.py"),
        code=provenance.fingerprint("export_tracks.py"),
        tables=lambda wildcards, input: named_flags(input, "evidence", "segments", "breakpoints"),
    shell:
        "python {params.script:q} {params.tables} --out {output:q} > {log:q} 2>&1"


rule export_phenopackets:
    input:
        cohort="<results>/cohort.tsv",
        facts=facts_of("export_phenopackets.py"),
    output:
        directory("<results>/exports/phenopackets"),
    log:
        "<logs>/export_phenopackets.log",
    benchmark:
        "<benchmarks>/export_phenopackets.tsv"
    conda:
        "../../envs/mmrisk.yaml"
    params:
        script=script("export_phenopackets.py"),
        code=provenance.fingerprint("export_phenopackets.py"),
        created=flag("--created", config.get("exports", {}).get("created")),
    shell:
        "python {params.script:q} --cohort {input.cohort:q} {params.created} --out {output:q} > {log:q} 2>&1"


rule export_multiqc:
    input:
        cohort="<results>/cohort.tsv",
        facts=facts_of("export_multiqc.py"),
    output:
        directory("<results>/exports/multiqc"),
    log:
        "<logs>/export_multiqc.log",
    benchmark:
        "<benchmarks>/export_multiqc.tsv"
    conda:
        "../../envs/mmrisk.yaml"
    params:
        script=script("export_multiqc.py"),
        code=provenance.fingerprint("export_multiqc.py"),
    shell:
        "python {params.script:q} --cohort {input.cohort:q} --out {output:q} > {log:q} 2>&1"


rule export_cells:
    input:
        cells="<results>/cells/{stem}.h5ad",
        cohort="<results>/cohort.tsv",
        facts=facts_of("export_cells.py"),
    output:
        "<results>/exports/cells/{stem}.h5ad",
    log:
        "<logs>/export_cells.{stem}.log",
    benchmark:
        "<benchmarks>/export_cells.{stem}.tsv"
    conda:
        "../../envs/cells.yaml"
    params:
        script=script("export_cells.py"),
        code=provenance.fingerprint("export_cells.py"),
        sample=lambda wildcards: wildcards.stem.split(".")[0],
    shell:
        "python {params.script:q} --cells {input.cells:q} --sample-id {params.sample:q} --cohort {input.cohort:q}"
        " --out {output:q} > {log:q} 2>&1"
