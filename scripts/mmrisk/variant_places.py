"""What every reader of variants checks: the build of the header, places inside chromosomes, the tumour's column."""

import re
from collections.abc import Collection, Mapping, Sequence

from mmrisk.errors import InputError, Problem
from mmrisk.genome import chrom_lengths, detect_build

CONTIG = re.compile(r"##contig=<.*?\bID=([^,>]+)(?:.*?\blength=(\d+))?")


def check_build(file: str, build: str, lengths: Mapping[str, int]) -> None:
    """Raise `InputError` where the chromosome lengths of a header are those of another build."""
    found = detect_build(lengths)
    if found is not None and found != build:
        raise InputError(
            Problem(
                file=file,
                column="build",
                value=build,
                message=f"is not the build of its header, which has the chromosome lengths of {found}",
                remedy=f"say {found}",
            )
        )


def check_place(file: str, number: int, chrom: str, position: int, build: str) -> None:
    """Raise `InputError` for a position (0-based) beyond its chromosome, naming the builds that would hold it.

    VCF lets a telomere lie one base outside on either side.
    """
    if -1 <= position <= chrom_lengths(build)[chrom]:
        return
    fits = [name for name in ("GRCh38", "GRCh37") if name != build and position < chrom_lengths(name)[chrom]]
    raise InputError(
        Problem(
            file=file,
            row=number,
            value=f"{chrom}:{position + 1}",
            message=f"lies beyond its chromosome in {build}",
            remedy=f"this position fits {fits[0]}" if fits else "check the build and the file",
        )
    )


def choose_tumour(
    file: str,
    row: int,
    samples: Sequence[str],
    *,
    variant_sample: str | None,
    sample_id: str | None,
    others: Collection[str] = (),
) -> tuple[int, str | None]:
    """Index of the tumour among a file's samples, and a note where its name was taken on trust.

    It is the sample named by `variant_sample`, or by `sample_id`, or the only one not called normal. `others` are the
    cohort's other samples: a column of theirs is never taken for `sample_id`. Raises `InputError`.
    """
    index = _tumour_column(samples, variant_sample, sample_id)
    if index is None:
        raise InputError(
            Problem(
                file=file,
                row=row,
                value=", ".join(samples),
                message="does not tell which of its samples is the tumour",
                remedy="name it in the column variant_sample of the assays sheet, or with --variant-sample",
            )
        )
    name = samples[index]
    if name in (variant_sample, sample_id) or sample_id is None:
        return index, None
    if name in others:
        raise InputError(
            Problem(
                file=file,
                row=row,
                value=name,
                message=f"is another sample of the cohort, not {sample_id}",
                remedy="correct the row of the assays sheet; if it is meant, name it in its column variant_sample",
            )
        )
    return index, f"{file}: its sample {name} is taken for {sample_id}"


def _tumour_column(samples: Sequence[str], variant_sample: str | None, sample_id: str | None) -> int | None:
    """Index of the tumour among a file's samples: the one named, or the only one not called normal; None if unclear."""
    if variant_sample is not None:
        return samples.index(variant_sample) if variant_sample in samples else None
    if len(samples) == 1:
        return 0
    if sample_id in samples:
        return samples.index(sample_id)
    tumours = [index for index, name in enumerate(samples) if re.search(r"tumou?r", name, re.IGNORECASE)]
    if len(tumours) == 1:
        return tumours[0]
    others = [i for i, name in enumerate(samples) if not re.search(r"normal|germline|control", name, re.IGNORECASE)]
    return others[0] if len(others) == 1 else None
