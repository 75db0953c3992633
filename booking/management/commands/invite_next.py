"""Invite by hand what beat invites every minute: `manage.py invite_next --limit 500 --dry-run`."""

from argparse import ArgumentParser, ArgumentTypeError

from django.core.management.base import BaseCommand
from django.utils import timezone

from booking.services import invitations
from booking.services.invitations import Plan

STOPPED = {
    "limit": "The limit is reached.",
    "no_places": "No more places are free that the next people may use.",
    "line": "Nobody else in the line may use the places that are left.",
    "no_rules": "No regulation is in force today. Load them with: manage.py load_reference",
    "busy": "Somebody else was inviting all the time. Run it again.",
}


class Command(BaseCommand):
    help = "Invite the next people in line, highest priority group first, never more than places are free."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--limit", type=_positive, required=True, help="how many people to invite at most")
        parser.add_argument("--dry-run", action="store_true", help="only say how many would be invited")

    def handle(self, *, limit: int, dry_run: bool, **_options: object) -> None:
        # Short transactions inside, so it may be stopped and run again; a lock keeps two operators apart.
        plan = invitations.invite(limit=limit, by=None, now=timezone.now(), dry_run=dry_run)
        self._report(plan, dry_run=dry_run)

    def _report(self, plan: Plan, *, dry_run: bool) -> None:
        deed = "would be invited" if dry_run else "invited"
        people = f"{plan.invited} person" if plan.invited == 1 else f"{plan.invited} people"
        self.stdout.write(f"{people} {deed}." if dry_run else self.style.SUCCESS(f"{people} {deed}."))
        for level, number in sorted(plan.by_level.items()):
            self.stdout.write(f"  group {level}: {number}")
        self.stdout.write(f"Free series before: {plan.places}. {STOPPED[plan.stopped]}")
        if plan.letters:
            self.stdout.write(f"Told by letter: {plan.letters}.")


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text} is not a number of people")
    return int(text)
