# Readers: what the laboratory has -> evidence. Light work, so one job for all samples; variant files in chunks.


rule read_reports:
    input:
        reports=sheet("reports"),
        samples=sheet("samples"),
        facts=facts_of("read_reports.py"),
    output:
        evidence="<results>/evidence/reports.tsv",
        parsed="<results>/parsed_reports.tsv",
        status="<results>/status/reports.tsv",
    log:
        "<logs>/read_reports.log",
    benchmark:
        "<benchmarks>/read_reports.tsv"
    conda:
        "../../envs/mmrisk.yaml"
    params:
        script=script("read_reports.py"),
        code=provenance.fingerprint("read_reports.py"),
        profile=lookup(dpath="cutoff_profile", within=config, default="emn2012"),
    shell:
        "python {params.script:q} --reports {input.reports:q} --samples {input.samples:q}"
        " --profile {params.profile:q}"
        " --out {output.evidence:q} --parsed {output.parsed:q} --status {output.status:q} > {log:q} 2>&1"


rule read_fish_table:
    input:
        assays=sheet("assays"),
        files=assay_files("fish_table"),
        facts=facts_of("read_fish_table.py"),
    output:
        evidence="<results>/evidence/fish_table.tsv",
        status="<results>/status/fish_table.tsv",
    log:
        "<logs>/read_fish_table.log",
    benchmark:
        "<benchmarks>/read_fish_table.tsv"
    conda:
        "../../envs/mmrisk.yaml"
    params:
        script=script("read_fish_table.py"),
        code=provenance.fingerprint("read_fish_table.py"),
        profile=lookup(dpath="cutoff_profile", within=config, default="emn2012"),
    shell:
        "python {params.script:q} --assays {input.assays:q} --profile {params.profile:q}"
        " --out {output.evidence:q} --status {output.status:q} > {log:q} 2>&1"


rule read_segments:
    input:
        assays=sheet("assays"),
        files=assay_files("segments"),
        facts=facts_of("read_segments.py"),
    output:
        evidence="<results>/evidence/segments.tsv",
        segments="<results>/segments.tsv",
        status="<results>/status/segments.tsv",
    log:
        "<logs>/read_segments.log",
    benchmark:
        "<benchmarks>/read_segments.tsv"
    conda:
        "../../envs/mmrisk.yaml"
    params:
        script=script("read_segments.py"),
        code=provenance.fingerprint("read_segments.py"),
        profile=lookup(dpath="cutoff_profile", within=config, default="emn2012"),
        min_trisomies=lookup(dpath="hyperdiploidy/min_trisomies", within=config, default=2),
    shell:
        "python {params.script:q} --assays {input.assays:q} --profile {params.profile:q}"
        " --min-trisomies {params.min_trisomies} --out {output.evidence:q} --segments-out {output.segments:q}"
        " --status {output.status:q} > {log:q} 2>&1"


rule read_structural_variants:
    input:
        assays=sheet("assays"),
        samples=ancient(sheet("samples")),
        files=assay_files("structural_variants"),
        facts=facts_of("read_structural_variants.py"),
    output:
        evidence="<results>/evidence/structural_variants.{chunk}.tsv",
        breakpoints="<results>/breakpoints/{chunk}.tsv",
        status="<results>/status/structural_variants.{chunk}.tsv",
    log:
        "<logs>/read_structural_variants.{chunk}.log",
    benchmark:
        "<benchmarks>/read_structural_variants.{chunk}.tsv"
    conda:
        "../../envs/mmrisk.yaml"
    params:
        script=script("read_structural_variants.py"),
        code=provenance.fingerprint("read_structural_variants.py"),
        profile=lookup(dpath="cutoff_profile", within=config, default="emn2012"),
        min_fragments=lookup(dpath="structural_variants/min_fragments", within=config, default=3),
        chunks=len(CHUNKS),
    shell:
        "python {params.script:q} --assays {input.assays:q} --samples {input.samples:q} --profile {params.profile:q}"
        " --chunk {wildcards.chunk}/{params.chunks} --min-fragments {params.min_fragments}"
        " --out {output.evidence:q} --breakpoints-out {output.breakpoints:q} --status {output.status:q} > {log:q} 2>&1"
