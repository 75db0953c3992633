"""Loading `centers/data/`: districts, postcode areas, centers, vaccines. Checked as a whole, then added."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from django.db import models

from centers.models import (
    Center,
    District,
    PostcodeArea,
    ReserveRule,
    Vaccine,
    VaccineAgeRule,
    VaccineIntervalRule,
    VaccinePause,
)
from reference.files import Entry, read_csv, read_yaml, unique
from reference.rows import Fact, Tally, store

DATA = Path(__file__).resolve().parent / "data"
# Germany with a margin: a swapped pair of numbers or a missing point falls outside.
LATITUDE = {"low": 47.0, "high": 55.5}
LONGITUDE = {"low": 5.5, "high": 15.5}
NOTE_ONLY = frozenset({"note"})


@dataclass(frozen=True)
class Supply:
    """The files, checked: unsaved rows, each with the entry it came from."""

    districts: list[Fact[District]]
    postcodes: list[Fact[PostcodeArea]]
    centers: list[Fact[Center]]
    vaccines: list[Fact[Vaccine]]
    ages: list[Fact[VaccineAgeRule]]
    intervals: list[Fact[VaccineIntervalRule]]
    pauses: list[Fact[VaccinePause]]
    reserves: list[Fact[ReserveRule]]


def read(folder: Path = DATA, *, shift_days: int = 0) -> Supply:
    """Read and check every file; Broken with file, line, reason and cure. Nothing is written."""
    shift = timedelta(days=shift_days)
    districts = [Fact(entry, _district(entry)) for entry in read_csv(folder / "districts.csv", columns=DISTRICT)]
    known = {fact.row.ags for fact in districts}
    postcodes = [
        Fact(entry, _postcode(entry, known)) for entry in read_csv(folder / "postcodes_saxony.csv", columns=POSTCODE)
    ]
    centers = list(_centers(folder / "centers_saxony.yaml", known, shift))
    vaccines, ages, intervals, pauses, reserves = _vaccines(folder / "vaccines.yaml", shift)
    unique((fact.row.ags, fact.entry) for fact in districts)
    unique((fact.row.prefix, fact.entry) for fact in postcodes)
    unique((fact.row.code, fact.entry) for fact in centers)
    unique((fact.row.slug, fact.entry) for fact in centers)
    unique((fact.row.code, fact.entry) for fact in vaccines)
    unique(((f.row.vaccine_id, f.row.valid_from, f.row.basis), f.entry) for f in ages)
    unique(((f.row.vaccine_id, f.row.valid_from), f.entry) for f in intervals)
    unique(((f.row.vaccine_id, f.row.starts_on), f.entry) for f in pauses)
    unique(((f.row.vaccine_id, f.row.valid_from), f.entry) for f in reserves)
    return Supply(districts, postcodes, centers, vaccines, ages, intervals, pauses, reserves)


def write(supply: Supply) -> list[Tally]:
    """Add and correct; Broken when a rule that is there would be edited. Runs inside the caller's transaction."""
    return [
        store(supply.districts, model=District, key=("ags",), words=_all_of(District)),
        store(supply.postcodes, model=PostcodeArea, key=("prefix",), words=_all_of(PostcodeArea)),
        store(supply.centers, model=Center, key=("code",), words=frozenset(), ours_to_change=False),
        store(supply.vaccines, model=Vaccine, key=("code",), words=frozenset({"name", "maker"})),
        store(supply.ages, model=VaccineAgeRule, key=("vaccine_id", "valid_from", "basis"), words=NOTE_ONLY),
        store(supply.intervals, model=VaccineIntervalRule, key=("vaccine_id", "valid_from"), words=NOTE_ONLY),
        store(supply.pauses, model=VaccinePause, key=("vaccine_id", "starts_on"), words=frozenset({"reason"})),
        store(supply.reserves, model=ReserveRule, key=("vaccine_id", "valid_from"), words=NOTE_ONLY),
    ]


DISTRICT = ("ags", "name", "kind", "population", "latitude", "longitude")
POSTCODE = ("prefix", "ags")


def _all_of(model: type[models.Model]) -> frozenset[str]:
    return frozenset(field.attname for field in model._meta.concrete_fields)


def _ags(entry: Entry, key: str) -> str:
    value = entry.text(key, longest=20)
    if len(value) != 5 or not (value.isascii() and value.isdecimal()):
        raise entry.broken(
            f"{key} is {value!r}",
            "An AGS has five digits; a spreadsheet drops the leading zero: format the column as text.",
        )
    return value


def _known_district(entry: Entry, key: str, known: set[str]) -> str:
    ags = _ags(entry, key)
    if ags not in known:
        raise entry.broken(f"district {ags} is unknown", "Add it to districts.csv first.")
    return ags


def _position(entry: Entry) -> dict[str, float | None]:
    latitude, longitude = entry.number_or_none("latitude", **LATITUDE), entry.number_or_none("longitude", **LONGITUDE)
    if (latitude is None) != (longitude is None):
        raise entry.broken("only one of latitude and longitude", "Give both or none.")
    return {"latitude": latitude, "longitude": longitude}


def _district(entry: Entry) -> District:
    row = District(
        ags=_ags(entry, "ags"),
        name=entry.text("name", longest=80),
        kind=entry.one_of("kind", ("kfS", "LK")),
        population=entry.integer("population", low=1_000, high=10_000_000),
        **_position(entry),
    )
    entry.end()
    return row


def _postcode(entry: Entry, known: set[str]) -> PostcodeArea:
    prefix = entry.text("prefix", longest=5)
    if not (prefix.isascii() and prefix.isdecimal()):
        raise entry.broken(f"prefix is {prefix!r}", "It must be the first one to five digits of a postcode.")
    row = PostcodeArea(prefix=prefix, district_id=_known_district(entry, "ags", known))
    entry.end()
    return row


def _centers(path: Path, known: set[str], shift: timedelta) -> Iterator[Fact[Center]]:
    top = read_yaml(path)
    for entry in top.entries("centers"):
        yield Fact(entry, _center(entry, known, shift))
    top.end()


def _center(entry: Entry, known: set[str], shift: timedelta) -> Center:
    entry.codes("unverified")
    last_day = _moved(entry.day_or_none("last_day"), shift)
    row = Center(
        code=entry.code("code", longest=20),
        slug=entry.code("slug", longest=50).lower(),
        name=entry.text("name", longest=80),
        district_id=_known_district(entry, "district", known),
        operator=entry.text("operator", longest=120, default=""),
        place=entry.text("place", longest=120, default=""),
        street=entry.text("street", longest=120, default=""),
        postcode=_postcode_or_blank(entry),
        town=entry.text("town", longest=80),
        step_free=entry.boolean("step_free"),
        first_day=entry.day("first_day") + shift,
        last_day=last_day,
        **_position(entry),
        **{
            name: entry.text(name, longest=longest, default="")
            for stem, longest in (("access_note", 120), ("directions", 300))
            for name in (f"{stem}_de", f"{stem}_en")
        },
    )
    if last_day and last_day < row.first_day:
        raise entry.broken(f"{row.code} closes before it opens", "Put first_day and last_day in order.")
    entry.end()
    return row


def _postcode_or_blank(entry: Entry) -> str:
    value = entry.text("postcode", longest=5, default="")
    if value and (len(value) != 5 or not (value.isascii() and value.isdecimal())):
        raise entry.broken(f"postcode is {value!r}", 'Give five digits in double quotes, like "01067".')
    return value


Rules = tuple[
    list[Fact[Vaccine]],
    list[Fact[VaccineAgeRule]],
    list[Fact[VaccineIntervalRule]],
    list[Fact[VaccinePause]],
    list[Fact[ReserveRule]],
]


def _vaccines(path: Path, shift: timedelta) -> Rules:
    top = read_yaml(path)
    vaccines: list[Fact[Vaccine]] = []
    ages: list[Fact[VaccineAgeRule]] = []
    intervals: list[Fact[VaccineIntervalRule]] = []
    pauses: list[Fact[VaccinePause]] = []
    reserves: list[Fact[ReserveRule]] = []
    for entry in top.entries("vaccines"):
        row = _vaccine(entry, shift)
        vaccines.append(Fact(entry, row))
        ages += [Fact(one, _age(one, row, shift)) for one in entry.entries("ages")]
        intervals += [Fact(one, _interval(one, row, shift)) for one in entry.entries("intervals")]
        pauses += [Fact(one, _pause(one, row, shift)) for one in entry.entries("pauses")]
        reserves += [Fact(one, _reserve(one, row, shift)) for one in entry.entries("reserve")]
        _check_vaccine(entry, row)
        entry.end()
    top.end()
    return vaccines, ages, intervals, pauses, reserves


def _vaccine(entry: Entry, shift: timedelta) -> Vaccine:
    return Vaccine(
        code=entry.code("code"),
        name=entry.text("name", longest=40),
        maker=entry.text("maker", longest=60),
        technology=entry.one_of("technology", ("mrna", "vector", "protein")),
        doses=entry.integer("doses", low=1, high=2),
        doses_per_vial=entry.integer("doses_per_vial", low=1, high=50),
        licensed_on=entry.day("licensed_on") + shift,
    )


def _check_vaccine(entry: Entry, row: Vaccine) -> None:
    if not any(one.values.get("basis") == "licence" for one in entry.entries("ages")):
        raise entry.broken(f"{row.code} has no licence among its ages", "Add one; without it nobody gets the vaccine.")
    if (row.doses == 2) != bool(entry.entries("intervals")):
        raise entry.broken(f"{row.code}: doses and intervals do not fit", "Give intervals to a vaccine of two doses.")
    if row.doses == 1 and entry.entries("reserve"):
        raise entry.broken(f"{row.code} has one dose and a reserve for second ones", "Leave the reserve out.")


def _age(entry: Entry, vaccine: Vaccine, shift: timedelta) -> VaccineAgeRule:
    entry.codes("unverified")
    row = VaccineAgeRule(
        vaccine=vaccine,
        valid_from=entry.day("valid_from") + shift,
        min_age=entry.integer_or_none("min_age", low=0, high=120),
        max_age=entry.integer_or_none("max_age", low=0, high=120),
        basis=entry.one_of("basis", tuple(VaccineAgeRule.Basis.values)),
        note=entry.text("note", longest=200, default=""),
    )
    if row.min_age is not None and row.max_age is not None and row.min_age > row.max_age:
        raise entry.broken("min_age lies above max_age", "Put them in order.")
    entry.end()
    return row


def _interval(entry: Entry, vaccine: Vaccine, shift: timedelta) -> VaccineIntervalRule:
    entry.codes("unverified")
    row = VaccineIntervalRule(
        vaccine=vaccine,
        valid_from=entry.day("valid_from") + shift,
        min_days=entry.integer("min_days", low=1, high=400),
        max_days=entry.integer_or_none("max_days", low=1, high=400),
        note=entry.text("note", longest=200, default=""),
    )
    if row.max_days is not None and row.min_days > row.max_days:
        raise entry.broken("min_days lies above max_days", "Put them in order.")
    entry.end()
    return row


def _pause(entry: Entry, vaccine: Vaccine, shift: timedelta) -> VaccinePause:
    entry.codes("unverified")
    row = VaccinePause(
        vaccine=vaccine,
        starts_on=entry.day("starts_on") + shift,
        ends_on=_moved(entry.day_or_none("ends_on"), shift),
        reason=entry.text("reason", longest=200, default=""),
    )
    if row.ends_on and row.ends_on < row.starts_on:
        raise entry.broken("the pause ends before it begins", "Put starts_on and ends_on in order.")
    entry.end()
    return row


def _reserve(entry: Entry, vaccine: Vaccine, shift: timedelta) -> ReserveRule:
    entry.codes("unverified")
    row = ReserveRule(
        vaccine=vaccine,
        valid_from=entry.day("valid_from") + shift,
        percent=entry.integer("percent", low=0, high=100),
        note=entry.text("note", longest=200, default=""),
    )
    entry.end()
    return row


def _moved(day: date | None, shift: timedelta) -> date | None:
    return day + shift if day else None
