"""The image holds what its processes need, and a forgotten folder is noticed before anybody builds it."""

from devkit import image
from devkit.paths import ROOT


def test_a_package_that_the_build_does_not_copy_is_named(tmp_path):
    image.context(ROOT, tmp_path)
    text = (ROOT / ".dockerignore").read_text(encoding="utf-8")
    (tmp_path / ".dockerignore").write_text(text.replace("!press\n", ""), encoding="utf-8")

    assert "No module named 'press'" in image.complaints(tmp_path)


def test_a_part_that_only_developers_have_is_refused(tmp_path):
    image.context(ROOT, tmp_path)
    (tmp_path / ".dockerignore").write_text((ROOT / ".dockerignore").read_text(encoding="utf-8"), encoding="utf-8")
    with (tmp_path / "press" / "__init__.py").open("a", encoding="utf-8") as source:
        source.write("\nimport polib\n")

    assert "polib is not in the image" in image.complaints(tmp_path)


def test_developers_tools_are_known_and_what_the_image_installs_is_not_among_them():
    found = set(image.refused())

    assert {"pytest", "playwright", "pypdf", "aiosmtpd"} <= found
    assert not {"django", "celery", "yaml", "typst", "tzdata"} & found
