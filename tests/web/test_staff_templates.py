"""What the staff's templates may not do: bring style or script of their own, or load anything from elsewhere."""

import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted(
    path
    for room in ("staff", "centeradmin", "callcenter", "account", "mfa")
    for path in (ROOT / "templates" / room).rglob("*.html")
)
FORBIDDEN = {
    "style of its own": r"\sstyle\s*=|<style\b",
    "script of its own": r"""<script(?![^>]*\ssrc=)|\son[a-z]+\s*=\s*["']|hx-on|javascript:""",
    "something from another host": r"""(?:src|href|action|srcset|data|poster|hx-\w+)\s*=\s*["']\s*(?:https?:)?//""",
}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_a_page_of_the_staff_brings_nothing_that_its_policy_forbids(path):
    text = path.read_text(encoding="utf-8")

    assert [what for what, pattern in FORBIDDEN.items() if re.search(pattern, text)] == []


def test_the_patterns_find_what_they_are_there_for():
    bad = [
        '<p style="x">', "<style>", "<script>", '<a onclick="x">', '<a href="javascript:x">',
        '<img src="//a.example/x">', "<form action='https://a.example/'>", '<div hx-get="https://a.example/">',
    ]  # fmt: skip

    assert [text for text in bad if not any(re.search(pattern, text) for pattern in FORBIDDEN.values())] == []


def test_the_style_of_the_staff_loads_nothing():
    css = (ROOT / "static" / "staff.css").read_text(encoding="utf-8")

    assert re.findall(r"@import|url\((?!#)[^)]*\)", css) == []
    assert css.count("{") == css.count("}")
