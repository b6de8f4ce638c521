# Reads -> evidence: one job per file of reads, from a BAM or CRAM, or from FASTQ files that are aligned first.


rule index_reference:
    input:
        fasta=lambda wildcards: REFERENCES[wildcards.reference],
    output:
        multiext("<results>/reference/{reference}", ".amb", ".ann", ".bwt", ".pac", ".sa"),
    log:
        "<logs>/index_reference.{reference}.log",
    benchmark:
        "<benchmarks>/index_reference.{reference}.tsv"
    conda:
        "../../envs/align.yaml"
    params:
        prefix=lambda wildcards, output: output[0].removesuffix(".amb"),
    shell:
        "bwa index -p {params.prefix:q} {input.fasta:q} > {log:q} 2>&1"


rule align_reads:
    input:
        fastq=lambda wildcards: fastq_files(wildcards.stem),
        index=lambda wildcards: multiext(bwa_index(wildcards.stem), ".amb", ".ann", ".bwt", ".pac", ".sa"),
    output:
        bam="<results>/aligned/{stem}.bam",
        bai="<results>/aligned/{stem}.bam.bai",
    log:
        "<logs>/align_reads.{stem}.log",
    benchmark:
        "<benchmarks>/align_reads.{stem}.tsv"
    conda:
        "../../envs/align.yaml"
    threads: 4
    params:
        index=lambda wildcards, input: input.index[0].removesuffix(".amb"),
        group=lambda wildcards: rf"@RG\tID:{wildcards.stem}\tSM:{wildcards.stem.split('.')[0]}\tPL:ILLUMINA",
        # pairs are marked as duplicates by what fixmate tells of their mates
        paired=lambda wildcards, input: "paired" if len(input.fastq) == 2 else "single",
    shell:
        # -K: batches of a fixed size, so that the number of threads changes nothing
        "(bwa mem -t {threads} -K 100000000 -R {params.group:q} {params.index:q} {input.fastq:q}"
        " | if [ {params.paired} = paired ]; then samtools fixmate -m -u - -; else cat; fi"
        " | samtools sort -u -T {output.bam:q}.sort -"
        " | samtools markdup - {output.bam:q}"
        " && samtools index {output.bam:q}) 2> {log:q}"


rule build_normals:
    input:
        reads=lambda wildcards: normals_of(PANELS[wildcards.panel]),
        targets=lambda wildcards: PANELS[wildcards.panel]["targets"] or [],
        facts=facts_of("build_normals.py"),
    output:
        normals="<results>/normals/{panel}.tsv",
    log:
        "<logs>/build_normals.{panel}.log",
    benchmark:
        "<benchmarks>/build_normals.{panel}.tsv"
    conda:
        "../../envs/mmrisk.yaml"
    threads: 2
    params:
        script=script("build_normals.py"),
        code=provenance.fingerprint("build_normals.py"),
        build=lambda wildcards: PANELS[wildcards.panel]["build"],
        targets=lambda wildcards, input: flag("--targets", input.get("targets") or None),
    shell:
        "python {params.script:q} --reads {input.reads:q} --build {params.build:q} {params.targets} --threads {threads}"
        " --out {output.normals:q} > {log:q} 2>&1"


rule call_copy_number:
    input:
        reads=lambda wildcards: aligned(wildcards.stem),
        beside=lambda wildcards: beside_reads(wildcards.stem),
        normals=lambda wildcards: panel_of(wildcards.stem) or [],
        facts=facts_of("call_copy_number.py"),
    output:
        evidence="<results>/evidence/copy_number/{stem}.tsv",
        status="<results>/status/copy_number/{stem}.tsv",
        segments="<results>/segments/{stem}.tsv",
        purity="<results>/purity/{stem}.tsv",
        arms="<results>/arms/{stem}.tsv",
        bins="<results>/bins/{stem}.tsv",
    log:
        "<logs>/call_copy_number.{stem}.log",
    benchmark:
        "<benchmarks>/call_copy_number.{stem}.tsv"
    conda:
        "../../envs/mmrisk.yaml"
    threads: 2
    params:
        script=script("call_copy_number.py"),
        code=provenance.fingerprint("call_copy_number.py"),
        about=lambda wildcards: reads_flags(wildcards.stem),
        normals=lambda wildcards, input: flag("--normals", input.get("normals") or None),
        sex=lambda wildcards: flag("--sex", sex_of(wildcards.stem)),
        profile=lookup(dpath="cutoff_profile", within=config, default="emn2012"),
        min_trisomies=lookup(dpath="hyperdiploidy/min_trisomies", within=config, default=2),
        tier=lookup(dpath="copy_number/tier", within=config, default="auto"),
    shell:
        "python {params.script:q} --reads {input.reads:q} {params.about} {params.normals} {params.sex} --tier {params.tier}"
        " --profile {params.profile:q} --min-trisomies {params.min_trisomies} --threads {threads}"
        " --out {output.evidence:q} --segments-out {output.segments:q} --purity-out {output.purity:q}"
        " --arms-out {output.arms:q} --bins-out {output.bins:q} --status {output.status:q} > {log:q} 2>&1"


rule call_translocations:
    input:
        reads=lambda wildcards: aligned(wildcards.stem),
        beside=lambda wildcards: beside_reads(wildcards.stem),
        purity="<results>/purity/{stem}.tsv",
        segments="<results>/segments/{stem}.tsv",
        spots=sheet("artefact_spots"),
        facts=facts_of("call_translocations.py"),
    output:
        evidence="<results>/evidence/translocations/{stem}.tsv",
        breakpoints="<results>/breakpoints/translocations/{stem}.tsv",
        reads="<results>/breakpoint_reads/{stem}.tsv",
        rearrangements="<results>/ig_rearrangements/{stem}.tsv",
        status="<results>/status/translocations/{stem}.tsv",
    log:
        "<logs>/call_translocations.{stem}.log",
    benchmark:
        "<benchmarks>/call_translocations.{stem}.tsv"
    conda:
        "../../envs/mmrisk.yaml"
    params:
        script=script("call_translocations.py"),
        code=provenance.fingerprint("call_translocations.py"),
        profile=lookup(dpath="cutoff_profile", within=config, default="emn2012"),
        about=lambda wildcards: reads_flags(wildcards.stem),
        spots=lambda wildcards, input: flag("--spots", input.get("spots")),
    shell:
        "python {params.script:q} --reads {input.reads:q} {params.about} {params.spots} --profile {params.profile:q}"
        " --purity-table {input.purity:q} --segments-table {input.segments:q}"
        " --out {output.evidence:q} --breakpoints-out {output.breakpoints:q} --reads-out {output.reads:q}"
        " --rearrangements-out {output.rearrangements:q} --status {output.status:q} > {log:q} 2>&1"
