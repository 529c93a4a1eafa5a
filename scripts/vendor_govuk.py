"""Fetch GOV.UK Frontend and keep what a council may use of it: no GDS Transport, no crest, no crown.

Run it when the version changes: `.venv/bin/python scripts/vendor_govuk.py` (needs npm, to fetch the package only).
"""

import hashlib
import re
import subprocess  # nosec B404
import tarfile
import tempfile
from pathlib import Path

VERSION = "6.3.0"  # govuk-frontend-jinja 4.1 writes the markup of this one
SHA256 = {
    "govuk-frontend.min.css": "0f00f2aa01972532b0e3c748691dafd58f0042c60060d79848d3d31c02913d46",
    "govuk-frontend.min.js": "8982af0b181bb9074ed66df856d5c9fbe224ccc0a5832d47155167350f0c3fe2",
}
FOLDER = Path(__file__).parent.parent / "static" / "govuk" / VERSION
TYPEFACE = 'arial,"Liberation Sans",sans-serif'


def fetch(folder: Path) -> dict[str, str]:
    """Return the two files as published, or stop when one is not what it was."""
    package = f"govuk-frontend@{VERSION}"
    subprocess.run(["npm", "pack", "--silent", package], cwd=folder, check=True)  # nosec B603 B607
    files = {}
    with tarfile.open(folder / f"govuk-frontend-{VERSION}.tgz") as archive:
        for name, expected in SHA256.items():
            member = archive.extractfile(f"package/dist/govuk/{name}")
            if member is None:
                raise SystemExit(f"{name} is not in {package}")
            content = member.read()
            if hashlib.sha256(content).hexdigest() != expected:
                raise SystemExit(f"{name} of {package} is not the file that was looked at: check it, then its sum")
            files[name] = content.decode()
    return files


def edited_css(css: str) -> str:
    """Return the stylesheet without the typeface and the crest that belong to GOV.UK alone."""
    css = re.sub(r"@font-face\{[^}]*\}", "", css)
    css = css.replace("GDS Transport,arial,sans-serif", TYPEFACE)
    css = css.replace("url(/assets/images/govuk-crest.svg)", "none")
    return without_map(css)


def edited_js(script: str) -> str:
    """Return the script without `aria-expanded` on radios: ARIA has no such thing there, and axe says so."""
    before = 'contains("govuk-radios__conditional")){const e=t.checked;t.setAttribute("aria-expanded",e.toString()),'
    after = 'contains("govuk-radios__conditional")){const e=t.checked;'
    if script.count(before) != 1:
        raise SystemExit("the radios of this version are written another way: look again")
    return without_map(script.replace(before, after))


def without_map(text: str) -> str:
    """Return a file without its last word, the address of a map that is not here."""
    return re.sub(r"(/\*|//)# sourceMappingURL=\S+( \*/)?\s*$", "", text).rstrip() + "\n"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        files = fetch(Path(folder))
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "govuk-frontend.min.css").write_text(edited_css(files["govuk-frontend.min.css"]))
    (FOLDER / "govuk-frontend.min.js").write_text(edited_js(files["govuk-frontend.min.js"]))
    print(f"static/govuk/{VERSION} is written")


if __name__ == "__main__":
    main()
