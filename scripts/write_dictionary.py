"""The data dictionary, from the table contracts."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from mmrisk import cli


def arguments() -> argparse.ArgumentParser:
    parser = cli.parser(__doc__)
    parser.add_argument("--out", type=Path, required=True, help="page (Markdown)")
    parser.add_argument("--json", type=Path, required=True, help="the same as JSON")
    return parser


def main(options: argparse.Namespace) -> None:
    from mmrisk.dictionary import dictionary_json, dictionary_page

    options.out.write_text(dictionary_page(), encoding="utf-8")
    options.json.write_text(dictionary_json(), encoding="utf-8")


def run(argv: Sequence[str] | None = None) -> int:
    return cli.run(arguments(), main, argv)


if __name__ == "__main__":
    cli.check_package_beside(__file__)
    raise SystemExit(run())
