"""A small front door with something behind every address, each thing made when it is first asked for."""

from __future__ import annotations

from tests.architecture.stage.desk import TEACHER_ADDRESS
from tests.architecture.stage.inside import Inside
from tests.architecture.stage.people import Visit

__all__ = ["TEACHER_ADDRESS", "Stage", "Visit"]


class Stage(Inside):
    """Everything that the addresses need, and the browsers of those who visit them."""
