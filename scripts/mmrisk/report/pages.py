"""Rendering: the pages of the report as HTML, each complete in one file, and their writing."""

import base64
import hashlib
import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

import jinja2
from markupsafe import Markup

from mmrisk import __version__
from mmrisk.report import association_view, cohort_page, marrow_view, patient_page, words
from mmrisk.report.changes_view import changes
from mmrisk.report.material import Material, Row
from mmrisk.risk.assign import CLINICAL_VALUES
from mmrisk.risk.engine import System

TEMPLATES = Path(__file__).resolve().parent / "templates"
FILTERS = (
    association_view.feature_words,
    marrow_view.verdict_words,
    words.assay_words,
    words.basis_words,
    words.cell_name,
    words.event_label,
    words.event_name,
    words.flag_sentence,
    words.in_sentence,
    words.label_name,
    words.percent,
    words.plain,
    words.signature_name,
    words.signed,
    words.spaced,
)


def environment() -> jinja2.Environment:
    """Templates with everything escaped: what a sheet or a laboratory wrote is text, never markup."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update({filter_.__name__: filter_ for filter_ in FILTERS})
    style, script = ((TEMPLATES / name).read_text(encoding="utf-8") for name in ("report.css", "report.js"))
    made.globals.update(
        version=__version__,
        style=Markup(style),  # noqa: S704  (a file of this package)
        style_hash=_hash(style),
        script=Markup(script),  # noqa: S704
        script_hash=_hash(script),
        symbols={str(state): symbol for state, symbol in words.SYMBOLS.items()},
        state_words={str(state): word for state, word in words.STATE_WORDS.items()},
        selection_words=words.SELECTION_WORDS,
        clinical_values=CLINICAL_VALUES,
        rna_symbol=words.RNA_SYMBOL,
        unread_piece=patient_page.unread_piece,
    )
    return made


def _hash(text: str) -> str:
    """Digest by which a page allows its own style and script, and no other."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def write_report(material: Material, systems: Mapping[str, System], *, index: Path, pages: Path) -> None:
    """Write the first page and a page for each sample into the folder `pages`."""
    templates = environment()
    files = page_files(material.samples)
    pages.mkdir(parents=True, exist_ok=True)
    index.parent.mkdir(parents=True, exist_ok=True)
    links = {sample_id: relative_link(pages / file, index) for sample_id, file in files.items()}
    changed = changes(material)
    first = templates.get_template("index.html").render(
        page_links=links, changes=changed, **cohort_page.page(material, systems)
    )
    index.write_text(first, encoding="utf-8")
    template = templates.get_template("patient.html")
    by_patient = defaultdict(list)
    for sample in material.samples:
        by_patient[sample["patient_id"]].append(sample)
    cohort = marrow_view.reference(material)
    for sample in material.samples:
        siblings = [other for other in by_patient[sample["patient_id"]] if other is not sample]
        values = patient_page.page(sample, material, systems, siblings, cohort)
        values["changes"] = [item for item in changed if sample["sample_id"] in (item.before, item.after)]
        path = pages / files[sample["sample_id"]]
        path.write_text(
            template.render(page_links=files, index_link=relative_link(index, path), **values), encoding="utf-8"
        )


def page_files(samples: Sequence[Row]) -> dict[str, str]:
    """File of each sample's page; names that differ in case only are told apart on file systems that would not."""
    files, taken = {}, set()
    for sample in samples:
        name = sample["sample_id"]
        while name.lower() in taken:
            name += "_"
        taken.add(name.lower())
        files[sample["sample_id"]] = f"{name}.html"
    return files


def relative_link(target: Path, page: Path) -> str:
    """Link from a page to another file, quoted for a URL."""
    return quote(Path(os.path.relpath(target.resolve(), page.resolve().parent)).as_posix())
