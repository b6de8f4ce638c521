"""What every reader of variants checks: the build of the header, places inside chromosomes, the tumour's column."""

import re
from collections.abc import Collection, Mapping, Sequence

from mmrisk.errors import InputError, Problem
from mmrisk.genome import chrom_lengths, detect_build

CONTIG = re.compile(r"##contig=<.*?\bID=([^,>]+)(?:.*?\blength=(\d+))?")

NORMAL = re.compile(r"(?<!ab)normal|germ-?line|control|constitutional|[_.-](?:N|GL)$", re.IGNORECASE)
TUMOUR = re.compile(r"tumou?r", re.IGNORECASE)


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
    cohort's other samples: a column of theirs, in whichever case and punctuation, is never taken for `sample_id`.
    Raises `InputError`.
    """
    index = _tumour_column(samples, variant_sample, sample_id)
    if index is None:
        unclear = "does not tell which of its samples is the tumour"
        lone_normal = len(samples) == 1 and NORMAL.search(samples[0]) is not None
        raise _refused(
            file,
            row,
            ", ".join(samples),
            message="is the name of a normal sample" if lone_normal else unclear,
            remedy="name it in the column variant_sample of the assays sheet, or with --variant-sample",
        )
    name = samples[index]
    if name in (variant_sample, sample_id) or sample_id is None:
        return index, None
    if _plain(name) & {plain for other in others for plain in _plain(other)}:
        raise _refused(
            file,
            row,
            name,
            message=f"is another sample of the cohort, not {sample_id}",
            remedy="correct the row of the assays sheet; if it is meant, name it in its column variant_sample",
        )
    return index, f"{file}: its sample {name} is taken for {sample_id}"


def _tumour_column(samples: Sequence[str], variant_sample: str | None, sample_id: str | None) -> int | None:
    """Index of the tumour among a file's samples: the one named, or the only one not called normal; None if unclear."""
    if variant_sample is not None:
        return samples.index(variant_sample) if variant_sample in samples else None
    if sample_id in samples:
        return samples.index(sample_id)
    for like_tumour in (
        lambda name: sample_id is not None and bool(_plain(name) & _plain(sample_id)) and not NORMAL.search(name),
        lambda name: TUMOUR.search(name) is not None,
        lambda name: NORMAL.search(name) is None,
    ):
        found = [index for index, name in enumerate(samples) if like_tumour(name)]
        if len(found) == 1:
            return found[0]
    return None


def _refused(file: str, row: int, value: str, *, message: str, remedy: str) -> InputError:
    return InputError(Problem(file=file, row=row, value=value, message=message, remedy=remedy))


def _plain(name: str) -> set[str]:
    """A name without case and punctuation, and without the word tumour: `P2_T` is `p2-t`, `P2` is `P2_tumor`."""
    return {re.sub(r"[\W_]", "", text).casefold() for text in (name, TUMOUR.sub("", name))} - {""}
