"""The translocation caller on simulated reads (bwa), on genomes without an event, and against DELLY on one BAM.

All reads are simulated. With MMRISK_REALDATA the IG side is the IGH locus of GRCh38, else random.

    bench_translocations.py grid --seeds 20
    bench_translocations.py background --genomes 500
    bench_translocations.py chance --genomes 2000
    bench_translocations.py delly --bam deep10x.bam --fasta deep.fa
"""

import argparse
import gzip
import os
import resource
import subprocess
import sys
import tempfile
import zlib
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path

import numpy as np
import pysam

REPO = Path(__file__).parents[2]
sys.path.insert(0, str(REPO / "scripts"))

from mmrisk.assays import AssayFile  # noqa: E402
from mmrisk.events import Evidence, State  # noqa: E402
from mmrisk.genome import CHROMOSOMES, Interval, chrom_lengths, loci  # noqa: E402
from mmrisk.simulate.alignment import align, genome_header, write_compact_fasta  # noqa: E402
from mmrisk.simulate.exchanges import PARTNERS, THIRD_LOCUS, exact_place, exchange  # noqa: E402
from mmrisk.simulate.translocations import (  # noqa: E402
    Allele,
    Layout,
    Reference,
    chimeras,
    draw_pairs,
    mutated,
    plant,
    random_bases,
)
from mmrisk.translocations.annotation import ig_features  # noqa: E402
from mmrisk.translocations.from_reads import conclude  # noqa: E402
from mmrisk.translocations.junctions import Breakend  # noqa: E402
from mmrisk.translocations.limits import event_limits  # noqa: E402
from mmrisk.translocations.noise import Library, library_of  # noqa: E402
from mmrisk.translocations.read_clues import PAIR, SPLIT, Clue, Scan  # noqa: E402
from mmrisk.translocations.read_search import search  # noqa: E402
from mmrisk.translocations.read_source import Source  # noqa: E402
from mmrisk.translocations.read_survey import Survey, loose_share, survey  # noqa: E402
from mmrisk.translocations.split_reads import reverse_complement  # noqa: E402
from mmrisk.translocations.windows import EVENT_OF_WINDOW  # noqa: E402

NAMES = {chrom: f"chr{chrom}" for chrom in CHROMOSOMES}
BUILD = "GRCh38"
POOL = 60
DEPTHS, CLONES, PURITY = (5, 10, 20, 30, 60), (0.2, 0.4, 0.7, 1.0), 0.9
KIND_OF_SEED = (
    *("balanced",) * 8,
    *("derivative_lost",) * 4,
    *("inserted_bases",) * 2,
    *("insertion",) * 3,
    *("three_way",) * 3,
)
CHIMERIC = 0.003
LOOSE = [0.0]
"""Share of reads without a place of their own in switch regions and J genes of the reference: measured once."""
CHIMERAS = 12
"""Chimeras of a genome without an event, in windows of 0.8 Mb: ten times the collisions of a genome at 30x."""
SPLIT_SHARE = 0.5
"""Chance fragments whose junction a read crosses; the others have it between their reads."""
ORPHONS = (Interval("15", 20_500_000, 20_600_000), Interval("16", 32_500_000, 32_600_000))


def igh_bases(rng):
    folder = os.environ.get("MMRISK_REALDATA")
    if folder:
        path = next((Path(folder) / "igh").glob("*.fa.gz"))
        with gzip.open(path, "rt") as handle:
            lines = handle.read().splitlines()
        return 105_546_276, "".join(lines[1:]).upper(), "real IGH"
    return 105_546_276, random_bases(rng, 1_333_568), "random IGH"


def reference_of(rng):
    """Partners with repeats, IGH, a third locus, copies of V segments elsewhere, and an alternative contig of IGH."""
    reference = Reference()
    start, igh, kind = igh_bases(rng)
    reference.pieces[Interval("14", start, start + len(igh))] = igh
    repeat = random_bases(rng, 1_200, gc=0.42)
    for piece in (*(partner.piece for partner in PARTNERS), THIRD_LOCUS, *ORPHONS):
        reference.pieces[piece] = random_bases(rng, piece.length)
        for place in rng.integers(piece.start, piece.end - 1_200, size=8).tolist():
            plant(reference, Interval(piece.chrom, place, place + 1_200), mutated(rng, repeat, 0.12))
        for place in rng.integers(piece.start, piece.end - 300, size=6).tolist():
            plant(reference, Interval(piece.chrom, place, place + 120), "CA" * 60)
    for piece in ORPHONS:
        for place in range(piece.start, piece.end - 2_000, 5_000):
            source = int(rng.integers(450_000, len(igh) - 1_500))
            plant(
                reference, Interval(piece.chrom, place, place + 1_500), mutated(rng, igh[source : source + 1_500], 0.04)
            )
    # an alternative haplotype, as GRCh38 has one: part identical, so that no read of it has a place of its own
    extra = {"chr14_KI270846v1_alt": igh[150_000:190_000] + mutated(rng, igh[190_000:300_000], 0.005)}
    return reference, extra, kind


def measure_loose(reference, fasta, extra, folder, layout):
    """Align even coverage of switch regions and J genes, and note the share of reads of mapping quality 0."""
    rng = np.random.default_rng(23)
    spans = [item.span for item in ig_features(BUILD) if item.kind == "switch" or item.name == "JH"]
    pairs = [
        type(pair)(f"{span.start}:{pair.name}", pair.first, pair.second, pair.start, pair.end)
        for span in spans
        for pair in draw_pairs(
            rng, Allele("L", reference.bases("14", span.start - 500, span.end + 500), 2.0), depth=10, layout=layout
        )
    ]
    path = Path(folder) / "loose.bam"
    align(pairs, fasta, path, build=BUILD, extra=extra)
    with pysam.AlignmentFile(str(path)) as handle:
        LOOSE[0] = loose_share(handle, contigs=NAMES, build=BUILD)
    print(f"reads without a place of their own where IGH breaks\t{LOOSE[0]:.3f}", flush=True)


class Thinned:
    """An open file of which only some fragments are seen, the same ones whenever it is asked."""

    def __init__(self, handle, keep, seed):
        self.handle, self.keep, self.seed = handle, keep, seed
        self.references, self.seen = handle.references, {}

    def get_reference_length(self, name):
        return self.handle.get_reference_length(name)

    def fetch(self, *place):
        for read in self.handle.fetch(*place):
            name = read.query_name
            if name not in self.seen:
                self.seen[name] = zlib.crc32(f"{name}{self.seed}".encode()) / 2**32 < self.keep[name[0]]
            if self.seen[name]:
                yield read


@cache
def background_clues(depth, read, region):
    """Chimeras that join a region to anywhere in the genome at a depth: the same for all files."""
    rng = np.random.default_rng([depth, read, region.start])
    genome = chrom_lengths(BUILD)
    names = list(genome)
    weights = np.array([genome[name] for name in names], dtype=float)
    count = int(rng.poisson(depth * region.length / read * CHIMERIC))
    clues = []
    for number, chrom in enumerate(rng.choice(names, size=count, p=weights / weights.sum()).tolist()):
        if chrom == region.chrom:
            continue
        place, near = int(rng.integers(0, genome[chrom] - read)), int(rng.integers(region.start, region.end))
        strands = rng.choice(["+", "-"], size=2).tolist()
        clues.append(
            Clue(
                fragment=f"c{region.chrom}:{number}:{near}",
                kind=PAIR,
                near=Breakend(region.chrom, near, strands[0]),
                far=Breakend(chrom, place, strands[1]),
                span=(near, near + read),
                mapq=60,
                outer=near,
                far_outer=place,
                far_span=(place, place + read),
            )
        )
    return clues


def joining_by_chance(rng, count, unplaced):
    """Fragments that join partner windows to IG loci by chance, a share of them of mapping quality 0 there."""
    windows = [locus.span for name, locus in loci(BUILD, "partner_window").items() if name in EVENT_OF_WINDOW]
    donors = [locus.span for locus in loci(BUILD, "ig").values()]

    def somewhere(spans):
        lengths = np.array([span.length for span in spans])
        span = spans[rng.choice(len(spans), p=lengths / lengths.sum())]
        return Breakend(span.chrom, int(rng.integers(span.start, span.end)), "+-"[rng.integers(2)])

    for number in range(count):
        near, far = somewhere(windows), somewhere(donors)
        split = rng.random() < SPLIT_SHARE
        yield Clue(
            fragment=f"j{number}",
            kind=SPLIT if split else PAIR,
            near=near,
            far=far,
            span=(near.position - 100, near.position + 1),
            mapq=60,
            outer=near.position - int(rng.integers(100, 150)),
            far_outer=far.position + 40,
            far_span=(far.position, far.position + 50),
            far_mapq=0 if rng.random() < unplaced else 60,
            settled=not split,
        )


def with_background(found, depth, layout, rng):
    """The survey as of a whole genome at a depth: reads of the windows, and chimeras that join them to anywhere."""
    lengths = np.maximum(rng.normal(layout.fragment, layout.spread, size=500), layout.read).astype(int).tolist()
    for one in (*found.windows.values(), found.igh):
        reads = int(rng.poisson(depth * one.region.length / layout.read))
        one.reads, one.trusted, one.read_length = one.reads + reads, one.trusted + reads, layout.read
        one.lengths += lengths
        one.clues += background_clues(depth, layout.read, one.region)
    return Survey(found.windows, found.igh, library_of(list(found.windows.values())), LOOSE[0])


def called(handle, depth, layout, rng, *, joining=()):
    """Everything that the caller says of one simulated file, and the limits of its negatives.

    `joining` are more clues in partner windows.
    """
    found = with_background(survey(handle, contigs=NAMES, build=BUILD), depth, layout, rng)
    for one in found.windows.values():
        one.clues += [clue for clue in joining if one.region.contains(clue.near.chrom, clue.near.position)]
    source = Source(handle, NAMES, BUILD, found.library)
    result = search(source, found)
    assay = AssayFile(sample_id="S", assay_id="a", source="wgs", file=Path("S.bam"), build=BUILD, purity=PURITY)
    limits = event_limits(source, found, result.needed, assay)
    return conclude(source, found, result, assay, copies={}, filtered=False), limits


def pool(rng, reference, made, path, fasta, extra, layout):
    """Reads of everything around one translocation at the depth of the pool."""
    igh = made.junctions[0][1]
    normal = [
        Allele("N", reference.bases(end.chrom, end.position - 3_000, end.position + 3_000), 2.0)
        for end in (made.junctions[0][0], igh)
    ]
    switched = [
        Allele("R", reference.bases("14", low - 2_000, low) + reference.bases("14", high, high + 2_000), 1.0)
        for low, high in ((105_745_000, 105_858_500), (105_864_500, 106_100_000))
    ]
    pairs = [
        type(pair)(f"{allele.name[0]}{number}:{pair.name}", pair.first, pair.second, pair.start, pair.end)
        for number, allele in enumerate((*made.alleles, *normal, *switched))
        for pair in draw_pairs(rng, allele, depth=POOL, layout=layout)
    ]
    align(pairs, fasta, path, build=BUILD, extra=extra)


def grid(options):
    layout = Layout(read=options.read, fragment=options.fragment)
    rng = np.random.default_rng(20)
    reference, extra, kind = reference_of(rng)
    tally = defaultdict(Counter)
    bias, limits_at = defaultdict(list), defaultdict(set)
    with tempfile.TemporaryDirectory(dir=options.tmp) as folder:
        fasta = Path(folder) / "reference.fa"
        write_compact_fasta(reference, fasta, extra=extra)
        measure_loose(reference, fasta, extra, folder, layout)
        for seed in range(options.first_seed, options.first_seed + options.seeds):
            for number, partner in enumerate(PARTNERS):
                rng = np.random.default_rng([seed, number])
                made = exchange(rng, reference, partner, KIND_OF_SEED[(seed * 3 + number) % len(KIND_OF_SEED)])
                path = Path(folder) / "pool.bam"
                pool(rng, reference, made, path, fasta, extra, layout)
                with pysam.AlignmentFile(str(path)) as handle:
                    for depth in options.depths:
                        for clone in options.clones:
                            carried = clone * PURITY
                            share = depth / POOL
                            keep = {"T": share * carried, "N": share * (1 - carried / 2), "R": share * PURITY}
                            thin = Thinned(handle, keep, f"{seed}{depth}{clone}")
                            found, limits = called(thin, depth, layout, np.random.default_rng([seed, number, depth]))
                            note(tally, bias, limits_at, reference, made, found, limits, depth, clone, options.verbose)
            print(f"after seed {seed}:")
            report(tally, bias, limits_at, kind, layout)


def note(tally, bias, limits_at, reference, made, found, limits, depth, clone, verbose):
    """Compare one run with its truth."""
    event = made.partner.event
    limit = limits[event]
    limits_at[depth].add(round(limit.share, 3) if limit.share else None)
    own = limit.single if made.kind == "derivative_lost" else limit.share
    rows = found.breakpoints[(found.breakpoints["event"] == event) & found.breakpoints["filters"].isna()]
    states = {item.event: item for item in found.evidence}
    here = states[event].state == State.PRESENT
    visible, stated = own is not None and clone >= own, limit.share is not None and clone >= limit.share
    keys = ("all", f"depth {depth}", f"clone {clone}", made.kind, made.partner.name)
    for key in keys:
        tally[key]["runs"] += 1
        tally[key]["visible"] += visible
        tally[key]["found of visible"] += visible and here
        tally[key]["stated"] += stated
        tally[key]["found of stated"] += stated and here
    wrong = [name for name, item in states.items() if item.state == State.PRESENT and name not in allowed(event)]
    tally["all"]["other events called"] += bool(wrong)
    if verbose and ((visible and not here) or wrong):
        print("MISS" if not wrong else f"WRONG {wrong}", event, made.kind, depth, clone, made.junctions[0], flush=True)
    if here:
        tally["all"]["called"] += 1
        judge_places(tally, reference, made, rows, verbose)
        item = states[event]
        if item.fraction is not None:
            bias[depth].append((item.fraction - clone, item.fraction_low <= clone <= item.fraction_high))


def allowed(event):
    attributes = {
        "t_4_14": {"nsd2_disruption", "fgfr3_lost"},
        "t_14_16": {"maf_activated"},
        "t_14_20": {"maf_activated"},
    }
    return {event} | attributes.get(event, set())


def judge_places(tally, reference, made, rows, verbose):
    strands = {
        (one.strand, two.strand): (one, two, through)
        for (one, two), through in zip(made.junctions, made.through, strict=True)
    }
    # a link of a chain, where the rest of it is too faint to be followed, joins the partner to the third locus
    links = [(pair[0], through[0]) for pair, through in zip(made.junctions, made.through, strict=True) if through]
    right = all(
        any(
            (row.partner_strand, row.donor_strand, row.donor_chrom) == (one.strand, two.strand, two.chrom)
            and abs(row.partner_position - one.position) <= 1_000
            for one, two in (*made.junctions, *links)
        )
        for row in rows.itertuples()
    )
    tally["all"]["orientation right"] += right
    said = set(rows["other_derivative"])
    status = said <= ({"missing", "not_seen"} if len(made.junctions) == 1 else {"seen", "not_seen"})
    tally["all"]["derivative status right"] += status
    if verbose and not (right and status):
        print(
            "PLACE",
            made.kind,
            right,
            said,
            made.junctions,
            rows[["partner_position", "donor_position"]].values.tolist(),
        )
    for row in rows.itertuples():
        truth = strands.get((row.partner_strand, row.donor_strand))
        if not truth or truth[2] or not row.splits:
            continue
        inserted = made.inserted if truth[0] == made.junctions[0][0] else ""
        partner, donor, _ = exact_place(reference, truth[0], truth[1], inserted)
        tally["all"]["split"] += 1
        tally["all"]["partner exact"] += row.partner_position == partner.position
        both = (row.partner_position, row.donor_position) == (partner.position, donor.position)
        tally["all"]["both exact"] += both
        tally["all"]["donor placed"] += bool(row.donor_placed)
        tally["all"]["exact of placed"] += both and bool(row.donor_placed)
        if verbose and not both:
            print(
                "BASE",
                made.kind,
                partner,
                donor,
                row.partner_position,
                row.donor_position,
                row.splits,
                row.homology,
                row.inserted,
            )


def report(tally, bias, limits_at, kind, layout):
    print(f"simulated; {kind}; 2x{layout.read}, fragment {layout.fragment:.0f}; purity {PURITY}")
    print("group\truns\tvisible\tfound\tshare\tstated visible\tfound\tshare")
    for key, count in tally.items():
        shares = [
            f"{count[base]}\t{count[f'found of {base}']}\t{count[f'found of {base}'] / max(1, count[base]):.4f}"
            for base in ("visible", "stated")
        ]
        print(key, count["runs"], *shares, sep="\t")
    every = tally["all"]
    for name in ("orientation right", "derivative status right"):
        print(f"{name}\t{every[name]} of {every['called']}\t{every[name] / max(1, every['called']):.4f}")
    for name in ("partner exact", "both exact"):
        print(f"{name}\t{every[name]} of {every['split']}\t{every[name] / max(1, every['split']):.4f}")
    exact, placed = every["exact of placed"], every["donor placed"]
    print(f"both exact where reads map uniquely at the IG side\t{exact} of {placed}\t{exact / max(1, placed):.4f}")
    print(f"runs with another event called\t{every['other events called']}")
    for depth in sorted(limits_at):
        errors = [error for error, _ in bias[depth]]
        covered = [inside for _, inside in bias[depth]]
        known = sorted(value for value in limits_at[depth] if value is not None) or [float("nan")]
        mean, inside = (np.mean(errors), np.mean(covered)) if errors else (float("nan"), float("nan"))
        print(f"depth {depth}\tlimits {known[0]:.3f} to {known[-1]:.3f}", end="\t")
        print(f"clone share error {mean:+.3f}, in interval {inside:.3f}")


def background(options):
    layout = Layout(read=options.read, fragment=options.fragment)
    rng = np.random.default_rng(21)
    reference, extra, kind = reference_of(rng)
    igh = next(piece for piece in reference.pieces if piece.chrom == "14")
    v_start = next(item.span.start for item in ig_features(BUILD) if item.name == "V")
    present, rearranged = Counter(), Counter()
    with tempfile.TemporaryDirectory(dir=options.tmp) as folder:
        fasta = Path(folder) / "reference.fa"
        write_compact_fasta(reference, fasta, extra=extra)
        measure_loose(reference, fasta, extra, folder, layout)
        for genome in range(options.genomes):
            rng = np.random.default_rng([22, genome])
            path = Path(folder) / "normal.bam"
            pairs = []
            for number, allele in enumerate(normal_alleles(rng, reference, igh, v_start)):
                pairs += [
                    type(pair)(f"{number}:{pair.name}", pair.first, pair.second, pair.start, pair.end)
                    for pair in draw_pairs(rng, allele, depth=30, layout=layout)
                ]
            near = [partner.piece for partner in PARTNERS]
            pairs += list(chimeras(rng, reference, int(rng.poisson(CHIMERAS)), layout=layout, near=near))
            align(pairs, fasta, path, build=BUILD, extra=extra)
            with pysam.AlignmentFile(str(path)) as handle:
                count = int(rng.poisson(options.joining))
                joining = list(joining_by_chance(rng, count, options.unplaced))
                found, _ = called(handle, 30, layout, rng, joining=joining)
            rows = found.evidence
            hits = [item.event for item in rows if item.state == State.PRESENT]
            present.update(hits)
            rearranged.update(found.rearrangements["kind"])
            if hits:
                print(genome, describe(rows), flush=True)
            if genome % 20 == 19:
                print(f"after {genome + 1} genomes: {dict(present)}", flush=True)
    canonical = sum(present[event] for event in present if event not in ("igh_other", "myc_rearranged"))
    print(f"simulated; {kind}; {options.genomes} genomes without an event at 30x", end="; ")
    print(f"{CHIMERAS} chimeras each from 0.8 Mb of windows", end="; ")
    print(
        f"{options.joining} fragments of windows and IG loci by chance, {options.unplaced:.0%} of them unplaced there"
    )
    print(f"canonical calls\t{canonical}\tMYC\t{present['myc_rearranged']}\tother IGH\t{present['igh_other']}")
    print(f"rearrangements of IGH kept as control\t{dict(rearranged)}")


def chance(options):
    """Genomes of nothing but chance fragments, no reads: many, to see calls that are rare."""
    library = Library(options.fragment, int(1.5 * options.fragment), options.read, CHIMERIC)
    windows = {name: locus.span for name, locus in loci(BUILD, "partner_window").items() if name in EVENT_OF_WINDOW}
    igh = Scan(loci(BUILD, "ig")["IGH"].span, reads=100_000, trusted=100_000)
    with tempfile.TemporaryDirectory(dir=options.tmp) as folder:
        path = Path(folder) / "empty.bam"
        pysam.AlignmentFile(str(path), "wb", header=genome_header(BUILD)).close()
        pysam.index(str(path))
        with pysam.AlignmentFile(str(path)) as handle:
            source = Source(handle, NAMES, BUILD, library)
            for mean in (3, 6, 12, 25, 50, 100, 200):
                called, needed = 0, Counter()
                for genome in range(options.genomes):
                    rng = np.random.default_rng([24, mean, genome])
                    clues = list(joining_by_chance(rng, int(rng.poisson(mean)), options.unplaced))
                    scans = {name: Scan(span, reads=500_000, trusted=500_000) for name, span in windows.items()}
                    for one in scans.values():
                        one.clues = [item for item in clues if one.region.contains(item.near.chrom, item.near.position)]
                    found = search(source, Survey(scans, igh, library, options.unplaced))
                    called += bool(found.junctions)
                    needed[found.needed["window"].sure, found.needed["window"].loose] += 1
                most = max(needed, key=lambda pair: needed[pair])
                print(
                    f"{mean} fragments, {options.unplaced:.0%} unplaced\t{called} of {options.genomes} called", end="\t"
                )
                print(f"needed mostly {most[0]}, unplaced {most[1]}", flush=True)


def describe(rows: tuple[Evidence, ...]) -> str:
    return "; ".join(f"{item.event}: {item.detail}" for item in rows if item.state == State.PRESENT)


def normal_alleles(rng, reference, igh, v_start):
    """IG alleles of a genome: its variants, V(D)J and switch junctions of one clone and of many cells, orphons."""
    bases = reference.bases
    for _ in range(2):
        for start in rng.integers(igh.start, igh.end - 4_000, size=8).tolist():
            yield Allele("G", mutated(rng, bases("14", start, start + 2_000), float(rng.choice([0.001, 0.01]))), 1.0)
        join = int(rng.integers(105_863_200, 105_865_400))
        v = int(rng.integers(v_start + 30_000, igh.end - 5_000))
        added = random_bases(rng, int(rng.integers(0, 15)))
        v_bases = mutated(rng, bases("14", v, v + 3_000), 0.03)
        yield Allele("V", bases("14", join - 3_000, join) + added + v_bases, 0.9)
    switches = [item.span for item in ig_features(BUILD) if item.kind == "switch"]
    for number in range(10):
        one, two = sorted(rng.choice(len(switches), size=2, replace=False).tolist())
        low = int(rng.integers(switches[one].start, switches[one].end))
        high = int(rng.integers(switches[two].start, switches[two].end))
        text = bases("14", low - 3_000, low) + bases("14", high, high + 3_000)
        if number % 4 == 3:
            text = bases("14", low - 3_000, low) + reverse_complement(bases("14", high - 3_000, high))
        yield Allele("S", text, 0.9 if number < 2 else 0.1)
    for piece in ORPHONS:
        start = int(rng.integers(piece.start, piece.end - 4_000))
        yield Allele("O", mutated(rng, bases(piece.chrom, start, start + 4_000), 0.005), 2.0)
    for partner in PARTNERS:
        start = int(rng.integers(partner.piece.start, partner.piece.end - 1_500))
        yield Allele("P", mutated(rng, bases(partner.piece.chrom, start, start + 1_500), 0.001), 2.0)


def cpu(command):
    """CPU seconds (user and system) of a command with its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(done.stderr)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done


def delly(options):
    with tempfile.TemporaryDirectory(dir=options.tmp) as folder:
        out = Path(folder) / "delly.bcf"
        theirs, _ = cpu(["delly", "call", "-g", str(options.fasta), "-o", str(out), str(options.bam)])
        with pysam.AlignmentFile(str(options.bam)) as handle:
            header = handle.header
            total = handle.mapped + handle.unmapped
            one = next(handle.fetch(until_eof=True))
        empty = Path(folder) / "empty.bam"
        with pysam.AlignmentFile(str(empty), "wb", header=header) as handle:
            handle.write(one)
        pysam.index(str(empty))

        def ours(bam, name):
            command = [sys.executable, str(REPO / "scripts/call_translocations.py"), "--reads", str(bam)]
            command += ["--sample-id", name, "--source", "wgs", "--out", str(Path(folder) / f"{name}.tsv")]
            command += ["--breakpoints-out", str(Path(folder) / f"{name}.b.tsv")]
            ours_cpu, done = cpu(command)
            return ours_cpu, done.stderr

        ours(options.bam, "warm")
        whole, said = min(ours(options.bam, "deep") for _ in range(3))
        start = min(ours(empty, "empty")[0] for _ in range(3))
        print(f"delly call -g {options.fasta.name} -o delly.bcf {options.bam.name}\t{theirs:.1f} CPU s")
        print(
            f"call_translocations.py\t{whole:.2f} CPU s, of which start-up {start:.2f}\t{said.strip().splitlines()[-1]}"
        )
        print(f"ratio whole process 1/{theirs / whole:.0f}, start-up apart 1/{theirs / max(0.01, whole - start):.0f}")
        touched = int(said.strip().splitlines()[-1].split()[0])
        regions = [locus.span for name, locus in loci(BUILD, "partner_window").items() if name in EVENT_OF_WINDOW]
        regions.append(loci(BUILD, "ig")["IGH"].span)
        share = sum(span.length for span in regions) / sum(chrom_lengths(BUILD).values())
        print(f"records in the file {total}, read {touched} ({touched / total:.2%}); of a whole genome {share:.2%}")
        compare(out, Path(folder) / "deep.b.tsv")


def compare(bcf, breakpoints):
    """Every translocation of an IG locus that DELLY passes, and whether ours has it."""
    import pandas as pd

    ours = pd.read_csv(breakpoints, sep="\t", dtype={"partner_chrom": str, "donor_chrom": str})
    ig = [locus.span for locus in loci(BUILD, "ig").values()]
    with pysam.VariantFile(str(bcf)) as variants:
        for record in variants:
            chrom, mate = record.chrom.removeprefix("chr"), record.info.get("CHR2", "").removeprefix("chr")
            place = record.info.get("POS2")
            if "PASS" not in record.filter or mate in ("", chrom) or place is None:
                continue
            ends = [(chrom, record.pos - 1), (mate, place - 1)]
            if not any(span.contains(*end) for span in ig for end in ends):
                continue
            found = any(
                sorted(
                    [(row.partner_chrom, row.partner_position // 2_000), (row.donor_chrom, row.donor_position // 2_000)]
                )
                == sorted((name, position // 2_000) for name, position in ends)
                for row in ours.itertuples()
            )
            print("DELLY passes", ends, record.info.get("CT"), "ours too" if found else "OURS LACKS IT", sep="\t")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("grid", "background", "chance", "delly"))
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--depths", type=int, nargs="+", default=DEPTHS)
    parser.add_argument("--clones", type=float, nargs="+", default=CLONES)
    parser.add_argument("--genomes", type=int, default=500)
    parser.add_argument("--joining", type=float, default=80, help="mean chance fragments of windows and IG loci")
    parser.add_argument("--unplaced", type=float, default=0.3, help="share of them of mapping quality 0 at the IG side")
    parser.add_argument("--read", type=int, default=150, help="read length")
    parser.add_argument("--fragment", type=float, default=450, help="mean fragment length")
    parser.add_argument("--bam", type=Path)
    parser.add_argument("--fasta", type=Path)
    parser.add_argument("--tmp", type=Path, help="folder for scratch files")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    {"grid": grid, "background": background, "chance": chance, "delly": delly}[options.what](options)


if __name__ == "__main__":
    main()
