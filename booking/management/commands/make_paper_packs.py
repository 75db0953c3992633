from django.core.management.base import BaseCommand
from django.utils import timezone

from booking.door import paper
from booking.services import paper as packs


class Command(BaseCommand):
    help = "Make the paper packs of today and tomorrow that are due, as the hourly job does. Safe to run at any time."

    def handle(self, **options: object) -> None:
        now = timezone.now()
        todo = paper.due(now=now)
        packs.make_due(now=now, limit=len(todo))
        for center, day in todo:
            made_at = paper.made_at(center.pk, day)
            state = f"as of {timezone.localtime(made_at):%H:%M}" if made_at else "failed, see the log"
            self.stdout.write(f"{day} {center.name}: {state}")
        if not todo:
            self.stdout.write("All packs have been checked within the last hour.")
