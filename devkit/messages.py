"""Collect what people read into the German catalogues, and compile them; pure Python, no gettext binaries.

`python3 dev.py messages` updates `locale/<room>/de/LC_MESSAGES/django.po` and compiles it beside itself;
`--check` changes nothing and fails when something is untranslated, unclear, gone, or not compiled.
A room belongs to one part of the house, so two people seldom edit one catalogue.
"""

from __future__ import annotations

import argparse
import io
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polib
from babel.messages.extract import extract_python
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
LANGUAGE = "de"

# Beginning of a path -> its room; the longest one wins.
ROOMS = {
    "booking/": "booking",
    "centers/": "booking",
    "priority/": "booking",
    "config/": "booking",
    "notifications/": "notifications",
    "templates/notifications/": "notifications",
    "booking/messages.py": "notifications",
    "booking/wording.py": "notifications",
    "booking/papers.py": "notifications",
    "booking/calendar_file.py": "notifications",
    "booking/confirmation_pdf.py": "notifications",
    "web/mailbox": "notifications",
    "templates/mailbox/": "notifications",
    "web/limits.py": "public",
    "web/": "frame",
    "templates/": "frame",
    "web/public/": "public",
    "templates/public/": "public",
    "web/public/pages": "frame",
    "web/public/start.py": "frame",
    "web/public/offers.py": "frame",
    "web/public/rulebook.py": "frame",
    "templates/public/pages/": "frame",
    "templates/public/start.html": "frame",
    "templates/public/centers.html": "frame",
    "templates/public/includes/": "frame",
    "web/access.py": "staff",
    "web/staff/": "staff",
    "web/callcenter/": "calls",
    "templates/callcenter/": "calls",
    "web/centeradmin/": "staff",
    "templates/staff/": "staff",
    "templates/centeradmin/": "staff",
    "templates/account/": "staff",
    "templates/mfa/": "staff",
    "accounts/": "staff",
    "web/centeradmin/overview/": "overview",
    "templates/centeradmin/overview/": "overview",
    "web/centeradmin/today/": "today",
    "templates/centeradmin/today/": "today",
    "booking/services/door": "today",
    "booking/services/paper.py": "today",
    "booking/services/afterwards.py": "today",
    "booking/door/": "today",
    "web/centeradmin/sessions/": "sessions",
    "templates/centeradmin/sessions/": "sessions",
    "centers/sessions/": "sessions",
    "web/centeradmin/changes/": "changes",
    "templates/centeradmin/changes/": "changes",
    "booking/changes/": "changes",
    "booking/services/changes.py": "changes",
    "web/centeradmin/supply/": "supply",
    "templates/centeradmin/supply/": "supply",
    "centers/supply/": "supply",
    "web/public/my/": "visit",
    "templates/public/my/": "visit",
}
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
PLACEHOLDER = re.compile(r"%\((\w+)\)[a-z]|%%|%[sd]")
HEADER = {
    "Project-Id-Version": "Impftermin",
    "Language": LANGUAGE,
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=2; plural=(n != 1);",
}


@dataclass(frozen=True)
class Key:
    """What makes two messages one."""

    context: str | None
    text: str


@dataclass
class Found:
    """A message as the sources use it."""

    plural: str = ""
    files: list[str] = field(default_factory=list)


def sources() -> Iterator[Path]:
    """Every file that may hold words for people."""
    for top in sorted({prefix.split("/")[0] for prefix in ROOMS}):
        for path in sorted((ROOT / top).rglob("*")):
            if path.suffix in {".py", ".html", ".txt"} and "migrations" not in path.parts and path.is_file():
                yield path


def room_of(name: str) -> str:
    """The room a path (relative, with forward slashes) belongs to."""
    return ROOMS[max((prefix for prefix in ROOMS if name.startswith(prefix)), key=len)]


def calls(path: Path) -> Iterator[tuple[Key, str]]:
    """(message, its plural or "") for every call in a Python file or template."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        # Inside brackets the tokenizer asks for no indentation; a template's is not Python's.
        text = f"({templatize(text, origin=str(path))}\n)"
    file = io.BytesIO(text.encode())
    for _line, function, arguments, _comments in extract_python(file, KEYWORDS, [], {"encoding": "utf-8"}):
        yield from _message(str(function), arguments)


def _message(function: str, arguments: object) -> Iterator[tuple[Key, str]]:
    parts: list[object] = list(arguments) if isinstance(arguments, (list, tuple)) else [arguments]
    context = str(parts.pop(0)) if "pgettext" in function and parts else None
    if not parts or not isinstance(parts[0], str) or not parts[0]:
        return
    plural = parts[1] if "ngettext" in function or "npgettext" in function else ""
    yield Key(context, parts[0]), plural if isinstance(plural, str) else ""


def collect() -> dict[str, dict[Key, Found]]:
    """Room -> message -> where it is used, in the order of files and lines."""
    rooms: dict[str, dict[Key, Found]] = {room: {} for room in sorted(set(ROOMS.values()))}
    for path in sources():
        name = path.relative_to(ROOT).as_posix()
        for key, plural in calls(path):
            found = rooms[room_of(name)].setdefault(key, Found())
            found.plural = found.plural or plural
            if name not in found.files:
                found.files.append(name)
    return rooms


def catalogue(room: str) -> Path:
    return ROOT / "locale" / room / LANGUAGE / "LC_MESSAGES" / "django.po"


def read(room: str) -> dict[Key, polib.POEntry]:
    path = catalogue(room)
    entries = polib.pofile(str(path), encoding="utf-8") if path.exists() else []
    return {Key(entry.msgctxt, entry.msgid): entry for entry in entries if not entry.obsolete}


def merge(messages: dict[Key, Found], known: dict[Key, polib.POEntry]) -> polib.POFile:
    """The room's catalogue as it should be: translations kept, what nobody says any more left out."""
    fresh = polib.POFile(wrapwidth=110)
    fresh.metadata = dict(HEADER)
    for key, found in messages.items():
        entry = polib.POEntry(msgid=key.text, msgctxt=key.context, occurrences=[(name, "") for name in found.files])
        old = known.get(key)
        if found.plural:
            entry.msgid_plural = found.plural
            entry.msgstr_plural = dict(old.msgstr_plural) if old and old.msgstr_plural else {0: "", 1: ""}
        else:
            entry.msgstr = old.msgstr if old else ""
        entry.tcomment = old.tcomment if old else ""
        entry.flags = ["python-format"] if PLACEHOLDER.search(key.text) else []
        if old and "fuzzy" in old.flags:
            entry.flags.append("fuzzy")
        fresh.append(entry)
    return fresh


def texts(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def problems(room: str, fresh: polib.POFile) -> list[str]:
    """What a reader of German would stumble over."""
    found = []
    for entry in fresh:
        if not all(texts(entry)):
            found.append(f"{room}: no German for {entry.msgid!r} ({entry.occurrences[0][0]})")
            continue
        if "fuzzy" in entry.flags:
            found.append(f"{room}: marked as unsure: {entry.msgid!r}")
        known = placeholders(entry.msgid) | placeholders(entry.msgid_plural)
        extra = set().union(*map(placeholders, texts(entry))) - known
        if extra:
            found.append(f"{room}: {entry.msgid!r} has nothing to show for {extra}")
        if not entry.msgid_plural and known - placeholders(entry.msgstr):
            found.append(f"{room}: {entry.msgid!r} loses {known - placeholders(entry.msgstr)}")
    return found


def placeholders(text: str) -> set[str]:
    return {match.group(1) for match in PLACEHOLDER.finditer(text) if match.group(1)}


def differs(room: str, fresh: polib.POFile) -> list[str]:
    """Whether the files on disk are what the sources ask for."""
    path = catalogue(room)
    if not len(fresh) and not path.exists():
        return []
    found = []
    gone = set(read(room)) - {Key(entry.msgctxt, entry.msgid) for entry in fresh}
    found += [f"{room}: nobody says this any more: {key.text!r}" for key in gone]
    compiled = path.with_suffix(".mo")
    if not compiled.exists() or compiled.read_bytes() != fresh.to_binary():
        found.append(f"{room}: {compiled.relative_to(ROOT)} is not up to date; run: python3 dev.py messages")
    return found


def write(room: str, fresh: polib.POFile) -> None:
    path = catalogue(room)
    if not len(fresh) and not path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh.save(str(path))
    fresh.save_as_mofile(str(path.with_suffix(".mo")))


def main(argv: list[str] | None = None) -> int:
    """Update (default) or check the catalogues; 0 when German is complete."""
    parser = argparse.ArgumentParser(prog="dev.py messages", description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--check", action="store_true", help="change nothing, fail on anything missing")
    parser.add_argument("rooms", nargs="*", help="only these rooms (default: all)")
    options = parser.parse_args(argv)
    found = []
    for room, messages in collect().items():
        if options.rooms and room not in options.rooms:
            continue
        fresh = merge(messages, read(room))
        if options.check:
            found += differs(room, fresh)
        else:
            write(room, fresh)
            print(f"{room}: {len(fresh)} messages")
        found += problems(room, fresh)
    print("\n".join(found) or "German is complete.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
