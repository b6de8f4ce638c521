"""The documented rules of cBioPortal's staging files (docs.cbioportal.org/file-formats) that a study of ours meets."""

import re
from pathlib import Path

NOT_GIVEN = {"", "na"}
ID = re.compile(r"[A-Za-z0-9._-]+")
PREDEFINED = {
    "OS_STATUS": "PATIENT",
    "OS_MONTHS": "PATIENT",
    "SEX": "PATIENT",
    "AGE": "PATIENT",
    "SAMPLE_TYPE": "SAMPLE",
}
BANNED = {"MUTATION_COUNT", "FRACTION_GENOME_ALTERED"}
PROFILE = {"stable_id", "show_profile_in_analysis_tab", "profile_name", "profile_description"}
KINDS = {
    ("CLINICAL", "SAMPLE_ATTRIBUTES"): set(),
    ("CLINICAL", "PATIENT_ATTRIBUTES"): set(),
    ("CLINICAL", "TIMELINE"): set(),
    ("COPY_NUMBER_ALTERATION", "DISCRETE"): PROFILE,
    ("COPY_NUMBER_ALTERATION", "SEG"): {"reference_genome_id", "description"},
    ("STRUCTURAL_VARIANT", "SV"): PROFILE,
    ("MUTATION_EXTENDED", "MAF"): PROFILE,
}
CATEGORIES = {"all_cases_with_cna_data", "all_cases_with_sv_data", "all_cases_with_mutation_data"}
CLASSIFICATIONS = {
    *("Frame_Shift_Del", "Frame_Shift_Ins", "In_Frame_Del", "In_Frame_Ins", "Missense_Mutation", "Nonsense_Mutation"),
    *("Splice_Site", "Translation_Start_Site", "Nonstop_Mutation", "Targeted_Region", "Splice_Region", "Unknown"),
}
MAF_COLUMNS = {
    *("Hugo_Symbol", "NCBI_Build", "Chromosome", "Variant_Classification", "Reference_Allele", "Tumor_Seq_Allele2"),
    *("Tumor_Sample_Barcode", "HGVSp_Short"),
}


def problems(study: Path) -> list[str]:
    """Everything in a study folder that breaks a rule."""
    found: list[str] = []
    metas = {path.name: meta(path) for path in study.glob("meta_*.txt")}
    about = metas.pop("meta_study.txt", {})
    needed = ("type_of_cancer", "cancer_study_identifier", "name", "description")
    found += [f"meta_study.txt lacks {field}" for field in needed if not about.get(field)]
    samples, patients = set(), set()
    for name, fields in sorted(metas.items(), key=lambda item: item[1].get("datatype") != "SAMPLE_ATTRIBUTES"):
        kind = (fields.get("genetic_alteration_type"), fields.get("datatype"))
        if kind not in KINDS:
            found.append(f"{name}: unknown kind {kind}")
            continue
        needed = {"cancer_study_identifier", "data_filename"} | KINDS[kind]
        found += [f"{name} lacks {field}" for field in sorted(needed - set(fields))]
        if fields.get("cancer_study_identifier") != about.get("cancer_study_identifier"):
            found.append(f"{name}: another study")
        data = study / fields.get("data_filename", "")
        if not data.is_file():
            found.append(f"{name}: no file {data.name}")
            continue
        lines = data.read_bytes().decode("utf-8").split("\n")
        if lines[-1] != "":
            found.append(f"{data.name} does not end in a line end")
        lines = lines[:-1]
        if kind[1] == "SAMPLE_ATTRIBUTES":
            found += clinical(data.name, lines, "SAMPLE", samples, patients)
        elif kind[1] == "PATIENT_ATTRIBUTES":
            found += clinical(data.name, lines, "PATIENT", samples, patients)
        elif kind[1] == "DISCRETE":
            found += discrete(data.name, lines, samples)
        elif kind[1] == "SEG":
            found += segments(data.name, lines, samples, fields["reference_genome_id"], about.get("reference_genome"))
        elif kind[1] == "MAF":
            found += mutations(data.name, lines, samples)
        elif kind[1] == "SV":
            found += junctions(data.name, lines, samples)
        else:
            found += timeline(data.name, lines, patients)
    named = {fields.get("data_filename") for fields in metas.values()}
    found += [f"{path.name} has no meta file" for path in study.glob("data_*") if path.name not in named]
    for path in (study / "case_lists").glob("*.txt"):
        found += case_list(path, about.get("cancer_study_identifier"), samples)
    if any(fields.get("datatype") == "DISCRETE" for fields in metas.values()):
        lists = [meta(path).get("stable_id", "") for path in (study / "case_lists").glob("*.txt")]
        if not any(name.endswith("_cna") for name in lists):
            found.append("no case list _cna beside discrete copy numbers")
    kinds = {fields.get("datatype") for fields in metas.values()}
    if "MAF" in kinds and not (study / "case_lists" / "cases_sequenced.txt").is_file():
        found.append("no case list _sequenced beside mutations")
    return found


def meta(path: Path) -> dict[str, str]:
    return dict(line.split(": ", 1) for line in path.read_text().splitlines() if ": " in line)


def clinical(name, lines, level, samples, patients):
    header, columns, rows = lines[:4], lines[4].split("\t"), [line.split("\t") for line in lines[5:]]
    found = [f"{name} line {n}: no #" for n, line in enumerate(header, 1) if not line.startswith("#")]
    about = [line[1:].split("\t") for line in header]
    found += [
        f"{name}: {len(cells)} cells in the header, {len(columns)} columns"
        for cells in about
        if len(cells) != len(columns)
    ]
    found += [
        f"{name}: an empty cell in the header" for cells in about for cell in cells if cell.strip().lower() in NOT_GIVEN
    ]
    found += [f"{name}: kind {kind}" for kind in about[2] if kind not in ("STRING", "NUMBER", "BOOLEAN")]
    found += [f"{name}: priority {value}" for value in about[3] if not value.isdigit()]
    found += [f"{name}: {column} is not upper case" for column in columns if not column.isupper() or " " in column]
    found += [f"{name}: {column} is banned" for column in columns if column in BANNED]
    found += [f"{name}: {column} belongs elsewhere" for column in columns if PREDEFINED.get(column, level) != level]
    if len(set(columns)) != len(columns):
        found.append(f"{name}: a column twice")
    if level == "PATIENT" and "SAMPLE_ID" in columns:
        found.append(f"{name}: SAMPLE_ID in a patient file")
    keys = []
    for number, row in enumerate(rows, 6):
        if len(row) != len(columns):
            found.append(f"{name} line {number}: {len(row)} cells, {len(columns)} columns")
            continue
        values = dict(zip(columns, row, strict=True))
        keys.append(values[f"{level}_ID"])
        for column in {"PATIENT_ID", "SAMPLE_ID"} & set(columns):
            if not ID.fullmatch(values[column]):
                found.append(f"{name} line {number}: id {values[column]!r}")
        patients.add(values.get("PATIENT_ID"))
        if level == "SAMPLE":
            samples.add(values["SAMPLE_ID"])
        for kind, (column, value) in zip(about[2], values.items(), strict=True):
            if value.strip().lower() in NOT_GIVEN:
                continue
            if kind == "NUMBER" and not is_number(value):
                found.append(f"{name} line {number}: {column} {value!r} is no number")
            if kind == "BOOLEAN" and value not in ("TRUE", "FALSE"):
                found.append(f"{name} line {number}: {column} {value!r} is neither TRUE nor FALSE")
        if values.get("OS_STATUS", "NA") not in ("NA", "", "0:LIVING", "1:DECEASED"):
            found.append(f"{name} line {number}: OS_STATUS {values['OS_STATUS']!r}")
        for column, value in values.items():
            pair = column.removesuffix("_STATUS") + "_MONTHS"
            if (
                column.endswith("_STATUS")
                and pair in values
                and value not in ("", "NA")
                and value[:2] not in ("0:", "1:")
            ):
                found.append(f"{name} line {number}: {column} {value!r}")
    if len(set(keys)) != len(keys):
        found.append(f"{name}: an id twice")
    return found


def discrete(name, lines, samples):
    columns = lines[0].split("\t")
    found = [] if columns[:2] == ["Hugo_Symbol", "Entrez_Gene_Id"] else [f"{name}: columns {columns[:2]}"]
    found += [f"{name}: unknown sample {sample}" for sample in columns[2:] if sample not in samples]
    for line in lines[1:]:
        gene, entrez, *values = line.split("\t")
        if not gene or not entrez.isdigit() or len(values) != len(columns) - 2:
            found.append(f"{name}: {line[:40]}")
        found += [
            f"{name}: {gene} {value!r}" for value in values if value not in ("-2", "-1.5", "-1", "0", "1", "2", "NA")
        ]
    return found


def segments(name, lines, samples, genome, of_study):
    found = [] if lines[0] == "ID\tchrom\tloc.start\tloc.end\tnum.mark\tseg.mean" else [f"{name}: header"]
    if genome not in ("hg19", "hg38") or genome != of_study:
        found.append(f"{name}: genome {genome}, the study says {of_study}")
    chromosomes = {*map(str, range(1, 25)), "X", "Y"}
    for line in lines[1:]:
        sample, chrom, start, end, markers, mean = line.split("\t")
        good = sample in samples and chrom in chromosomes and start.isdigit() and end.isdigit() and markers.isdigit()
        if not good or int(start) >= int(end) or not is_number(mean):
            found.append(f"{name}: {line}")
    return found


def junctions(name, lines, samples):
    columns, found, builds = lines[0].split("\t"), [], set()
    for line in lines[1:]:
        values = dict(zip(columns, line.split("\t"), strict=True))
        builds.add(values["NCBI_Build"])
        if values["Sample_Id"] not in samples:
            found.append(f"{name}: unknown sample {values['Sample_Id']}")
        if values["SV_Status"] not in ("SOMATIC", "GERMLINE"):
            found.append(f"{name}: SV_Status {values['SV_Status']}")
        if not (values["Site1_Hugo_Symbol"] or values["Site2_Hugo_Symbol"]):
            found.append(f"{name}: no gene")
        if values["DNA_Support"] not in ("", "Yes", "No"):
            found.append(f"{name}: DNA_Support {values['DNA_Support']}")
        if values["Breakpoint_Type"] not in ("", "PRECISE", "IMPRECISE"):
            found.append(f"{name}: Breakpoint_Type {values['Breakpoint_Type']}")
    if len(builds) > 1 or not builds <= {"GRCh37", "GRCh38"}:
        found.append(f"{name}: builds {sorted(builds)}")
    return found


def mutations(name, lines, samples):
    columns, found, builds = lines[0].split("\t"), [], set()
    found += [f"{name} lacks {column}" for column in sorted(MAF_COLUMNS - set(columns))]
    for number, line in enumerate(lines[1:], 2):
        row = dict(zip(columns, line.split("\t"), strict=True))
        builds.add(row["NCBI_Build"])
        if row["Tumor_Sample_Barcode"] not in samples or not row["Hugo_Symbol"] or not row["Chromosome"]:
            found.append(f"{name} line {number}: no sample, gene or chromosome")
        if row["Variant_Classification"] not in CLASSIFICATIONS:
            found.append(f"{name} line {number}: {row['Variant_Classification']!r}")
        alleles = [row["Reference_Allele"], row["Tumor_Seq_Allele2"]]
        found += [f"{name} line {number}: allele {a!r}" for a in alleles if not re.fullmatch(r"[ACGT]*|-", a)]
        place = [row["Start_Position"], row["End_Position"]]
        if len({bool(cell) for cell in (*alleles, *place)}) > 1 or (alleles[0] and alleles[0] == alleles[1]):
            found.append(f"{name} line {number}: place or alleles in part only")
        elif place[0]:
            width = int(place[1]) - int(place[0]) + 1
            if width != (2 if alleles[0] == "-" else len(alleles[0])):
                found.append(f"{name} line {number}: {place} for {alleles}")
        found += [
            f"{name} line {number}: {row[c]}" for c in ("t_alt_count", "t_ref_count") if not row[c].isdigit() and row[c]
        ]
        if row["Mutation_Status"] not in ("", "Somatic", "Germline"):
            found.append(f"{name} line {number}: status {row['Mutation_Status']}")
    if len(builds) != 1 or not builds <= {"GRCh37", "GRCh38"}:
        found.append(f"{name}: builds {sorted(builds)}")
    return found


def timeline(name, lines, patients):
    columns, found = lines[0].split("\t"), []
    if columns[:4] != ["PATIENT_ID", "START_DATE", "STOP_DATE", "EVENT_TYPE"]:
        found.append(f"{name}: columns {columns[:4]}")
    for line in lines[1:]:
        patient, start, stop, *_ = line.split("\t")
        if patient not in patients or not re.fullmatch(r"-?\d+", start) or not re.fullmatch(r"(-?\d+)?", stop):
            found.append(f"{name}: {line}")
    return found


def case_list(path, study, samples):
    fields, found = meta(path), []
    needed = {"cancer_study_identifier", "stable_id", "case_list_name", "case_list_description", "case_list_ids"}
    found += [f"{path.name} lacks {field}" for field in sorted(needed - set(fields))]
    if fields.get("cancer_study_identifier") != study or not fields.get("stable_id", "").startswith(f"{study}_"):
        found.append(f"{path.name}: another study")
    if fields.get("case_list_category") not in CATEGORIES:
        found.append(f"{path.name}: category {fields.get('case_list_category')}")
    unknown = set(filter(None, fields.get("case_list_ids", "").split("\t"))) - samples
    return found + [f"{path.name}: unknown sample {sample}" for sample in sorted(unknown)]


def is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
