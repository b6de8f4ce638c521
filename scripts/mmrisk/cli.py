"""What every command shares: flags, logging, and clean errors instead of tracebacks."""

import argparse
import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from mmrisk import __version__
from mmrisk.errors import InputError

USER_ERROR = 2
"""Exit status when the user's input is wrong; 1 is left to defects and lost machines."""

log = logging.getLogger("mmrisk")


def parser(about: str) -> argparse.ArgumentParser:
    """Argument parser of one command."""
    made = argparse.ArgumentParser(description=about, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    made.add_argument("--version", action="version", version=f"mmrisk {__version__}")
    return made


def run(
    arguments: argparse.ArgumentParser, main: Callable[[argparse.Namespace], None], argv: Sequence[str] | None
) -> int:
    """Parse flags and run `main`; an `InputError` is printed, one problem a line, and becomes exit status 2."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    options = arguments.parse_args(argv)
    try:
        main(options)
    except InputError as error:
        print(error, file=sys.stderr)
        return USER_ERROR
    except OSError as error:
        print(
            f"{error.filename or 'a file'}: {error.strerror}; check the path, its permissions and the disk",
            file=sys.stderr,
        )
        return 1
    return 0


def check_package_beside(script: str) -> None:
    """Stop if another copy of the package would be used than the one beside the script."""
    package, beside = Path(__file__).resolve().parent, Path(script).resolve().parent / "mmrisk"
    if package != beside:
        sys.exit(f"mmrisk is taken from {package}, not from {beside}: unset PYTHONSAFEPATH or uninstall that copy")
