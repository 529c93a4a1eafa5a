"""Listens to what is logged."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from infrastructure.logging import configure_logging


@contextmanager
def logged() -> Iterator[io.StringIO]:
    """Keep everything that is logged meanwhile, from the finest level up."""
    real, before, root = sys.stderr, structlog.get_config(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    sys.stderr = io.StringIO()
    configure_logging("DEBUG")
    try:
        yield sys.stderr
    finally:  # as it was: another test listens at a level of its own
        sys.stderr = real
        structlog.configure(**before)
        root.handlers = handlers
        root.setLevel(level)
