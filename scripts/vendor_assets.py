"""Fetch the third-party files under static/vendor and press/fonts again and compare them, byte for byte.

    python3 scripts/vendor_assets.py            check: the packages still hold exactly what stands here
    python3 scripts/vendor_assets.py --write    take the files from the packages (after editing VENDOR.toml)

Each folder names its package, version and integrity in VENDOR.toml. Needs `npm`, and only here: neither
installing nor running the project does. Without the network, tests/web/test_vendor.py checks the hashes.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import io
import re
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENDOR = (ROOT / "static" / "vendor", ROOT / "press" / "fonts")


class Mismatch(Exception):
    """A package, or a file of it, is not what VENDOR.toml says."""


def pack(package: str, version: str) -> bytes:
    """The package's archive as npm publishes it."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", f"{package}@{version}", "--silent", "--pack-destination", folder]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        return next(Path(folder).glob("*.tgz")).read_bytes()


def check_integrity(archive: bytes, integrity: str) -> None:
    algorithm, _, expected = integrity.partition("-")
    found = base64.b64encode(hashlib.new(algorithm, archive).digest()).decode()
    if found != expected:
        raise Mismatch(f"the archive's {algorithm} is {found}, expected {expected}")


def members(archive: bytes) -> dict[str, bytes]:
    """Path inside the package -> content."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        found = {}
        for member in tar.getmembers():
            content = tar.extractfile(member)
            if content is not None:
                found[member.name.removeprefix("package/")] = content.read()
        return found


def renew(folder: Path, *, write: bool) -> list[str]:
    """Compare (or take) one folder's files; the lines say what differed."""
    note = folder / "VENDOR.toml"
    text = note.read_text()
    vendor = tomllib.loads(text)
    archive = pack(vendor["package"], vendor["version"])
    check_integrity(archive, vendor["integrity"])
    content = members(archive)
    differences = []
    for file in vendor["file"]:
        fresh = content[file["path"]]
        digest = hashlib.sha256(fresh).hexdigest()
        target = folder / file["name"]
        if write:
            target.write_bytes(fresh)
            pattern = rf'(name = "{re.escape(file["name"])}"\npath = "[^"]*"\nsha256 = ")[0-9a-f]*'
            text = re.sub(pattern, rf"\g<1>{digest}", text)
        elif digest != file["sha256"] or not target.exists() or target.read_bytes() != fresh:
            differences.append(f"{folder.name}/{file['name']} differs from {vendor['package']} {vendor['version']}")
    if write:
        note.write_text(text)
    return differences


def main() -> int:
    parser = argparse.ArgumentParser(description="Verify the vendored files against their packages.")
    parser.add_argument("--write", action="store_true", help="take the files from the packages")
    options = parser.parse_args()
    differences = []
    for note in sorted(note for place in VENDOR for note in place.glob("*/VENDOR.toml")):
        try:
            differences += renew(note.parent, write=options.write)
        except (Mismatch, KeyError, StopIteration, OSError, subprocess.CalledProcessError) as reason:
            differences.append(f"{note.parent.name}: {reason}")
        else:
            print(f"{note.parent.name}: read")
    print("\n".join(differences) or "All vendored files are the packages' own.")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
