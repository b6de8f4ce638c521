# The marrow against events, labels, steps of the disease and survival. Patients are the units.


rule associate:
    input:
        cohort="<results>/cohort.tsv",
        events="<results>/events.tsv",
        risk="<results>/risk.tsv",
        outcomes=sheet("outcomes"),
        composition=marrow("composition"),
        signatures=marrow("signatures"),
        targets=marrow("targets"),
        facts=facts_of("associate.py"),
    output:
        associations=report("<results>/associations.tsv", caption="../report/associations.rst", category="Tables"),
        sensitivity="<results>/sensitivity.tsv",
        trends="<results>/trends.tsv",
        survival="<results>/survival.tsv",
        curves="<results>/kaplan_meier.tsv",
    log:
        "<logs>/associate.log",
    benchmark:
        "<benchmarks>/associate.tsv"
    conda:
        "../../envs/mmrisk.yaml"
    params:
        script=script("associate.py"),
        code=provenance.fingerprint("associate.py"),
        tables=lambda wildcards, input: named_flags(input, "outcomes", "composition", "signatures", "targets"),
        # an empty list adjusts for nothing; no list leaves the choice to the script
        covariates=(
            "--covariates " + " ".join(config["association"]["covariates"])
            if "covariates" in config.get("association", {})
            else ""
        ),
        repeated=lookup(dpath="association/repeated", within=config, default="index"),
        seed=lookup(dpath="association/seed", within=config, default=0),
        inferred="--allow-inferred" if config.get("association", {}).get("allow_inferred") else "",
    shell:
        "python {params.script:q} --cohort {input.cohort:q} --events {input.events:q} --risk {input.risk:q}"
        " {params.tables} {params.covariates} --repeated {params.repeated:q} --seed {params.seed} {params.inferred}"
        " --out {output.associations:q} --sensitivity {output.sensitivity:q} --trends {output.trends:q}"
        " --survival {output.survival:q} --curves {output.curves:q} > {log:q} 2>&1"
