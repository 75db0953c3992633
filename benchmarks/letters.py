"""letters: how long it takes to compose 1,000 letters to people with both appointments, and to set them as one PDF."""

import time
from datetime import datetime, timedelta

from django.utils import timezone

from benchmarks import closure
from benchmarks.goals import Bar, Figure
from benchmarks.stage import Stage
from benchmarks.supply import Supply
from booking import telling
from booking.models import Registration
from notifications import letters as paper
from notifications import printing
from notifications.models import Message, PrintBatch

BARS = {"seconds": Bar(floor=60, goal=20, at_most=True)}


def measure(stage: Stage, known: Supply) -> Figure:
    """One batch, as the print queue makes it: held, composed, set and kept in one transaction."""
    letters, now = stage.size(1000, 120), timezone.now()
    closure.full_days(known, -(-letters // 120) * 120)
    Registration.objects.update(medium="letter")
    people = Registration.objects.order_by("pk")[:letters]
    for person in people:
        telling.tell("booked", person, key=f"letter:{person.pk}", now=now)

    printing.MOST = letters
    composed = _composing(now)
    began, worked = time.monotonic(), time.process_time()
    made = printing.make_due(now=now + timedelta(days=1))
    seconds, worked = time.monotonic() - began, time.process_time() - worked

    batch = PrintBatch.objects.get()
    if (made.letters, batch.letters) != (letters, letters) or Message.objects.exclude(state="sending").exists():
        raise RuntimeError(f"of {letters} letters {made.letters} were printed")
    detail = {
        "letters": letters,
        "composing_one_milliseconds": round(composed * 1000, 1),
        "seconds_of_cpu_beside_postgresql": round(worked, 1),
        "letters_per_second": round(letters / seconds),
        "pdf_megabytes": round(len(batch.content or b"") / 1e6, 1),
    }
    return Figure("letters", {"seconds": seconds}, BARS, detail)


def _composing(now: datetime) -> float:
    """Seconds of composing one letter, without setting it: the median of a few."""
    taken = []
    for message in Message.objects.order_by("pk")[:15]:
        began = time.monotonic()
        paper.sheet(message, now=now)
        taken.append(time.monotonic() - began)
    return sorted(taken)[len(taken) // 2]
