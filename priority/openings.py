"""Who may book from when. An opening is data; whether it lets this person through now is one pure function."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class OpeningRule:
    """One release. An empty field asks for nothing; all fields that are set must fit.

    `level` 2 lets groups 1 and 2 through: nobody loses a place in the line because a later group may book, too.
    `closes_at` is the first moment at which the opening no longer holds.
    """

    level: int | None
    criterion: str
    birth_year_from: int | None
    birth_year_to: int | None
    district_ags: str
    vaccine_code: str
    channel: str
    opens_at: datetime
    closes_at: datetime | None
    name_de: str
    name_en: str

    def in_force(self, now: datetime) -> bool:
        return self.opens_at <= now and (self.closes_at is None or now < self.closes_at)

    def fits_person(self, *, level: int, answers: Collection[str], birth_date: date, district_ags: str) -> bool:
        """True when the opening is for this person, at whatever time and for whatever place."""
        return (
            (self.level is None or level <= self.level)
            and (not self.criterion or self.criterion in answers)
            and (self.birth_year_from is None or self.birth_year_from <= birth_date.year)
            and (self.birth_year_to is None or birth_date.year <= self.birth_year_to)
            and (not self.district_ags or self.district_ags == district_ags)
        )

    def fits_place(self, *, vaccine_code: str, channel: str) -> bool:
        """True when the opening holds for this vaccine, booked this way."""
        return (not self.vaccine_code or self.vaccine_code == vaccine_code) and (
            not self.channel or self.channel == channel
        )


def matches(  # noqa: PLR0913 - the eight questions are the rule; callers name each
    opening: OpeningRule,
    *,
    level: int,
    answers: Collection[str],
    birth_date: date,
    district_ags: str,
    vaccine_code: str,
    channel: str,
    now: datetime,
) -> bool:
    """True when this opening lets this person book this vaccine on this way at `now`.

    `district_ags` is the person's district, "" when it is not known; an opening for a district then does not fit.
    """
    return (
        opening.in_force(now)
        and opening.fits_place(vaccine_code=vaccine_code, channel=channel)
        and opening.fits_person(level=level, answers=answers, birth_date=birth_date, district_ags=district_ags)
    )
