"""Two ways through the same three pages: booking for the first time, and moving the whole series."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from django.urls import reverse
from django.utils.translation import gettext

from booking.models import Registration
from web.public.my import standing
from web.public.my.standing import Stage, Standing


@dataclass(frozen=True)
class Way:
    """Addresses and words of one of the two ways."""

    moving: bool

    def open_to(self, standing: Standing) -> bool:
        """Booking needs an open invitation, moving a series of which no dose has been given."""
        if self.moving:
            return standing.stage is Stage.BOOKED and not standing.begun
        return standing.stage is Stage.INVITED

    def open_now(self, registration: Registration, *, now: datetime) -> bool:
        """The same, asked as cheaply as may be: the lists of days and times stand in the rush."""
        if self.moving:
            return self.open_to(standing.of(registration, now=now))
        return standing.invited_until(registration, now=now) is not None

    def centers(self) -> str:
        return reverse("public:my_move_centers" if self.moving else "public:my_centers")

    def days(self, slug: str) -> str:
        return reverse("public:my_move_days" if self.moving else "public:my_days", args=[slug])

    def times(self, slug: str, day: date) -> str:
        return reverse("public:my_move_times" if self.moving else "public:my_times", args=[slug, day])

    def done(self) -> str:
        return _address("public:my_moved" if self.moving else "public:my_booked")

    def step(self, number: int) -> str:
        """The line above the heading: Book an appointment · step 2 of 3."""
        title = gettext("Move both appointments") if self.moving else gettext("Book an appointment")
        return gettext("%(title)s · step %(number)s of 3") % {"title": title, "number": number}

    def deed(self, *, doses: int, these: bool = False) -> str:
        """What the button does; `these` where several buttons stand side by side."""
        if self.moving:
            return gettext("Move both appointments here") if doses > 1 else gettext("Move the appointment here")
        if these and doses > 1:
            return gettext("Book these two appointments")
        return gettext("Book both appointments") if doses > 1 else gettext("Book this appointment")


@cache
def _address(name: str) -> str:
    """An address without parameters is the same in every request."""
    return reverse(name)
