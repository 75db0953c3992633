from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from accounts.models import User
from booking.demo import fill, staff, today

AT_THE_DOOR = "team-riesa"  # whoever entered what had happened when the demo began


class Command(BaseCommand):
    help = "Fill an empty database with invented people and six weeks of sessions; again: only add later sessions."

    def handle(self, **options: object) -> None:
        try:
            done = fill.fill(now=timezone.now())
        except fill.NotADemo as reason:
            self.stderr.write(self.style.WARNING(f"No demo was filled in. {reason}"))
            return
        if settings.DEMO:
            staff.create()
            if done.people:
                today.add(now=timezone.now(), by=User.objects.get(username=AT_THE_DOOR))
        people = f"{done.people} people, " if done.people else ""
        self.stdout.write(
            self.style.SUCCESS(f"Demo: {people}{done.sessions} sessions with {done.slots} start times added.")
        )
        self.stdout.write(f"16 February 2021 is played on {done.first_day:%Y-%m-%d}.")
