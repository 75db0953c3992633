"""What others wrote stands here as they published it."""

import hashlib
import re
import tomllib
from pathlib import Path

import pytest
from django.conf import settings

STATIC = Path(settings.BASE_DIR) / "static"
FOLDERS = sorted(path.parent for path in (STATIC / "vendor").glob("*/VENDOR.toml"))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_every_vendored_file_has_the_hash_of_its_package(folder):
    vendor = tomllib.loads((folder / "VENDOR.toml").read_text())
    expected = {file["name"]: file["sha256"] for file in vendor["file"]}
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
    del found["VENDOR.toml"]

    assert found == expected
    assert folder.name.endswith(vendor["version"])


def test_no_vendored_folder_goes_unchecked():
    assert sorted(path for path in (STATIC / "vendor").iterdir()) == FOLDERS


def test_our_css_loads_only_files_that_stand_here():
    named = re.findall(r'url\("([^"]+)"\)', (STATIC / "fonts.css").read_text())
    files = [name for name in named if not name.startswith("data:")]

    assert len(files) == 9
    assert all((STATIC / name).is_file() for name in files)
