"""Write infrastructure/identity/common_passwords.txt.gz: `python -m scripts.common_passwords LISTS.py`.

LISTS.py is `frequency_lists.py` of zxcvbn (MIT licence), whose first list holds the 30,000 passwords seen most often in
what was stolen elsewhere, the commonest first. Run it when that list is renewed.
"""

import ast
import gzip
import sys
from pathlib import Path

TO = Path(__file__).resolve().parents[1] / "infrastructure" / "identity" / "common_passwords.txt.gz"


def main(source: Path) -> None:
    """Keep the words in their order, one a line; the same list gives the same bytes."""
    tree = ast.parse(source.read_text())
    lists = next(node for node in ast.walk(tree) if isinstance(node, ast.Dict))
    first = next(part for key, part in zip(lists.keys, lists.values, strict=True) if _says(key) == "passwords")
    text = max((_says(node) for node in ast.walk(first)), key=len)
    words = [word for word in text.split(",") if word]
    TO.write_bytes(gzip.compress("\n".join(words).encode(), compresslevel=9, mtime=0))
    print(f"{len(words)} passwords, {TO.stat().st_size} bytes")


def _says(node: ast.AST | None) -> str:
    return str(node.value) if isinstance(node, ast.Constant) else ""


if __name__ == "__main__":
    main(Path(sys.argv[1]))
