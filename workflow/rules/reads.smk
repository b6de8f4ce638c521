# Reads of one sample -> evidence: one job per BAM or CRAM and branch.


rule call_translocations:
    input:
        reads=lambda wildcards: aligned(wildcards.stem),
        beside=lambda wildcards: beside_reads(wildcards.stem),
        spots=sheet("artefact_spots"),
        facts=facts_of("call_translocations.py"),
    output:
        evidence="<results>/evidence/translocations/{stem}.tsv",
        breakpoints="<results>/breakpoints/translocations/{stem}.tsv",
        reads="<results>/breakpoint_reads/{stem}.tsv",
        rearrangements="<results>/ig_rearrangements/{stem}.tsv",
        status="<results>/status/translocations/{stem}.tsv",
    log:
        "<logs>/call_translocations/{stem}.log",
    benchmark:
        "<benchmarks>/call_translocations/{stem}.tsv"
    conda:
        "../../envs/mmrisk.yaml"
    params:
        script=script("call_translocations.py"),
        code=provenance.fingerprint("call_translocations.py"),
        profile=lookup(dpath="cutoff_profile", within=config, default="emn2012"),
        file=lambda wildcards: reads_flags(wildcards.stem),
        spots=lambda wildcards, input: flag("--spots", input.get("spots")),
    shell:
        "python {params.script:q} --reads {input.reads:q} {params.file} {params.spots} --profile {params.profile:q}"
        " --out {output.evidence:q} --breakpoints-out {output.breakpoints:q} --reads-out {output.reads:q}"
        " --rearrangements-out {output.rearrangements:q} --status {output.status:q} > {log:q} 2>&1"
