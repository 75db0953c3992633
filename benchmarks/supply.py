"""The facts, centers and sessions that figures are measured on; seeding fires no triggers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache

from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accounts.models import User
from benchmarks import seed
from benchmarks.stage import Stage
from booking import clock, facts, reference_facts
from booking.models import Appointment
from centers.models import Center, Contingent, District, Session, Slot
from priority.models import Opening

PLAYED_DAY = date(2021, 2, 16)  # the day of the facts that today stands for
BORN = date(1938, 3, 14)
TWO_DOSES, ONE_DOSE = "comirnaty", "janssen"


@dataclass(frozen=True)
class Supply:
    """The keys that measurements need."""

    web: int
    phone: int
    district: str
    today: date


@cache
def _facts_of_today() -> Supply:
    """An empty database becomes the house of February 2021, played today; everybody of the first group may book."""
    now = timezone.now()
    call_command("migrate", verbosity=0)
    today = clock.local_day(now)
    reference_facts.load(shift_days=(today - PLAYED_DAY).days)
    Center.objects.update(listed=False)
    staff = [User.objects.create(username=name, password="!") for name in ("anna", "bert")]  # noqa: S106
    yesterday = now - timedelta(days=1)
    Opening.objects.create(level=1, opens_at=yesterday, created_by=staff[0], approved_by=staff[1])
    web = Contingent.objects.create(code="online", name="Online", channels=["web"])
    phone = Contingent.objects.create(
        code="telefon", name="Telefon", channels=["phone"], falls_back_to=web, falls_back_before=timedelta(days=2)
    )
    return Supply(web.pk, phone.pk, District.objects.order_by("ags")[0].ags, today)


def open_copy(stage: Stage, name: str) -> Supply:
    """Go on in a fresh database that has the facts and nothing else."""
    known = _facts_of_today()
    connection.close()
    stage.open(name)
    _connect(stage)
    return known


def drop_copy(stage: Stage) -> None:
    """Back to the facts; the copy is gone."""
    connection.close()
    stage.drop()
    _connect(stage)


def _connect(stage: Stage) -> None:
    connection.settings_dict["NAME"] = stage.database
    facts.forget()


@dataclass(frozen=True)
class Grid:
    """Sessions of one kind: at each center, on each of `days`, from 8 on, `starts` start times of `lines` places."""

    days: Sequence[date]
    starts: int
    minutes: int
    lines: int
    vaccine: str = TWO_DOSES
    phone: bool = False


def centers(supply: Supply, first: int, last: int) -> list[Center]:
    """Listed centers with these numbers."""
    return Center.objects.bulk_create(
        Center(
            code=f"B{number:04}",
            slug=f"zentrum-{number}",
            name=f"Zentrum {number}",
            place="Messe",
            town="Dresden",
            district_id=supply.district,
            first_day=supply.today,
            latitude=51.0,
            longitude=13.7,
        )
        for number in range(first, last)
    )


def sessions(supply: Supply, made: Sequence[Center], grid: Grid) -> int:
    """Publish the grid at these centers; returns how many start times there are."""
    begins = datetime.combine(supply.today, time(8))
    ends = (begins + timedelta(minutes=grid.minutes * grid.starts)).time()
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        Session.objects.bulk_create(
            (
                Session(
                    center=center,
                    vaccine_id=grid.vaccine,
                    contingent_id=supply.phone if grid.phone else supply.web,
                    date=day,
                    starts=begins.time(),
                    ends=ends,
                    slot_minutes=grid.minutes,
                    lines=grid.lines,
                    state=Session.State.PUBLISHED,
                )
                for center in made
                for day in grid.days
            ),
            batch_size=5000,
        )
        number = seed.slots(str(clock.ZONE))
        cursor.execute("SET session_replication_role = DEFAULT")
    return number


def first_slot() -> int:
    """The number of the first start time; the others follow by center, day and time."""
    found = Slot.objects.order_by("pk").values_list("pk", flat=True).first()
    return found or 0


def live_series() -> int:
    """How many people have appointments."""
    return Appointment.objects.live().filter(dose_number=1).count()


def other_backends() -> list[int]:
    """The processes of PostgreSQL that serve this database, without our own."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return [pid for (pid,) in cursor.fetchall()]


def settle() -> None:
    """What autovacuum does in time: dead rows gone, visibility and statistics known. It leaves empty tables alone."""
    with connection.cursor() as cursor:
        for table in ("centers_center", "centers_session", "centers_slot", "booking_registration", "booking_invitation",
                      "booking_accesslink"):  # fmt: skip
            cursor.execute(f"VACUUM (ANALYZE) {table}")
        cursor.execute("CHECKPOINT")
