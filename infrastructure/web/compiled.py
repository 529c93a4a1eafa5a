"""What is compiled once: templates beside the code's own bytecode, and each address when it is first written."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib.util import cache_from_source
from pathlib import Path
from types import CodeType

import jinja2
from jinja2.bccache import Bucket, FileSystemBytecodeCache
from werkzeug.routing import Rule

Address = Callable[..., tuple[str, str]]


class KeptTemplates(FileSystemBytecodeCache):
    """Templates as they were compiled, in a `__pycache__`: read at a start, made anew when what made them changed.

    Where nothing can be written, or Python is told to write no bytecode, each process compiles for itself.
    """

    def __init__(self, templates: Path) -> None:
        folder = Path(cache_from_source(str(templates / "template.py"))).parent
        if not sys.dont_write_bytecode:
            with suppress(OSError):
                folder.mkdir(parents=True, exist_ok=True)
        super().__init__(str(folder))
        made_by = hashlib.sha256(jinja2.__version__.encode())  # a constant may have gone through a filter of ours
        for path in sorted(Path(__file__).parent.glob("*.py")):
            made_by.update(path.read_bytes())
        self.made_by = made_by.hexdigest()

    def get_source_checksum(self, source: str) -> str:
        """Name a template's text together with what compiles it."""
        return f"{self.made_by}{super().get_source_checksum(source)}"

    def load_bytecode(self, bucket: Bucket) -> None:
        """Read a compiled template; what cannot be read is compiled again."""
        with suppress(Exception):  # over spoilt bytes the readers raise nearly anything, and no page waits for a hand
            super().load_bytecode(bucket)
        if not isinstance(bucket.code, CodeType):
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a compiled template where that is possible."""
        if not sys.dont_write_bytecode:
            with suppress(OSError):
                super().dump_bytecode(bucket)


class Route(Rule):
    """A rule that compiles what writes its address when that is first asked for: most are never written."""

    def _compile_builder(self, append_unknown: bool = True) -> Address:
        compiled: list[Address] = []

        def build(rule: Rule, /, **values: str) -> tuple[str, str]:
            if not compiled:
                compiled.append(super(Route, self)._compile_builder(append_unknown))
            return compiled[0](rule, **values)

        return build
