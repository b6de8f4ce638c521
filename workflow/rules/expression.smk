# RNA: expression matrices and fusion transcripts -> evidence of tier inferred.


rule read_expression:
    input:
        assays=sheet("assays"),
        files=assay_files("expression"),
        facts=facts_of("read_expression.py"),
    output:
        evidence="<results>/evidence/expression.tsv",
        spikes="<results>/spikes.tsv",
        groups="<results>/expression_groups.tsv",
        dosage="<results>/arm_dosage.tsv",
        status="<results>/status/expression.tsv",
    log:
        "<logs>/read_expression.log",
    benchmark:
        "<benchmarks>/read_expression.tsv"
    conda:
        "../../envs/mmrisk.yaml"
    params:
        script=script("read_expression.py"),
        code=provenance.fingerprint("read_expression.py"),
        profile=lookup(dpath="cutoff_profile", within=config, default="emn2012"),
    shell:
        "python {params.script:q} --assays {input.assays:q} --kind expression --profile {params.profile:q}"
        " --out {output.evidence:q} --spikes-out {output.spikes:q} --groups-out {output.groups:q}"
        " --dosage-out {output.dosage:q} --status {output.status:q} > {log:q} 2>&1"


rule read_rna_fusions:
    input:
        assays=sheet("assays"),
        files=assay_files("rna_fusions"),
        facts=facts_of("read_expression.py"),
    output:
        evidence="<results>/evidence/rna_fusions.tsv",
        status="<results>/status/rna_fusions.tsv",
    log:
        "<logs>/read_rna_fusions.log",
    benchmark:
        "<benchmarks>/read_rna_fusions.tsv"
    conda:
        "../../envs/mmrisk.yaml"
    params:
        script=script("read_expression.py"),
        code=provenance.fingerprint("read_expression.py"),
        profile=lookup(dpath="cutoff_profile", within=config, default="emn2012"),
    shell:
        "python {params.script:q} --assays {input.assays:q} --kind rna_fusions --profile {params.profile:q}"
        " --out {output.evidence:q} --status {output.status:q} > {log:q} 2>&1"
