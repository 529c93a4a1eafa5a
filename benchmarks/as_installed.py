"""Python as `make run` installs it: what only the tests need is out of its sight."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from venv import EnvBuilder

LOCK = Path(__file__).resolve().parent.parent / "requirements" / "run.lock"
NAMED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==", re.MULTILINE)


def installed_python(folder: Path) -> Path:
    """Return an interpreter that finds what run.lock names and nothing else, by links to where it is installed.

    A library that looks for another and takes it up (structlog does so with rich) would otherwise cost what it costs
    nobody who runs the product.
    """
    place = folder / "installed"
    if not place.exists():
        EnvBuilder(symlinks=True).create(place)
        (site,) = place.glob("lib/python*/site-packages")
        for name in NAMED.findall(LOCK.read_text()):
            try:
                package = distribution(name)
            except PackageNotFoundError:  # for another system than this one
                continue
            for top in {file.parts[0] for file in package.files or ()} - {".."}:
                if not (site / top).exists():
                    (site / top).symlink_to(Path(str(package.locate_file(top))))
    return place / "bin" / "python"
