# Mutations: VCF, BCF and MAF -> evidence on TP53, drivers and therapy targets; files in chunks.


rule read_mutations:
    input:
        assays=sheet("assays"),
        samples=ancient(sheet("samples")),
        files=assay_files("mutations"),
        segments=segments_files(),
        purities=of_branch("copy_number", "purity"),
        facts=facts_of("read_mutations.py"),
    output:
        evidence="<results>/evidence/mutations.{chunk}.tsv",
        mutations="<results>/mutations/{chunk}.tsv",
        status="<results>/status/mutations.{chunk}.tsv",
    log:
        "<logs>/read_mutations.{chunk}.log",
    benchmark:
        "<benchmarks>/read_mutations.{chunk}.tsv"
    conda:
        "../../envs/mmrisk.yaml"
    params:
        script=script("read_mutations.py"),
        code=provenance.fingerprint("read_mutations.py"),
        profile=lookup(dpath="cutoff_profile", within=config, default="emn2012"),
        material=lambda wildcards, input: named_flags(input, "segments", "purities"),
        chunks=len(CHUNKS),
    shell:
        "python {params.script:q} --assays {input.assays:q} --samples {input.samples:q} {params.material}"
        " --profile {params.profile:q}"
        " --chunk {wildcards.chunk}/{params.chunks} --out {output.evidence:q} --mutations-out {output.mutations:q}"
        " --status {output.status:q} > {log:q} 2>&1"
