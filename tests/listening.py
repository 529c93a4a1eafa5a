"""Listens to what is logged."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from infrastructure.logging import configure_logging


@contextmanager
def logged() -> Iterator[io.StringIO]:
    """Keep everything that is logged meanwhile, from the finest level up."""
    real, sys.stderr = sys.stderr, io.StringIO()
    configure_logging("DEBUG")
    try:
        yield sys.stderr
    finally:
        sys.stderr = real
        configure_logging("CRITICAL")
