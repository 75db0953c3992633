from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from booking import reference_facts
from reference.files import Broken


class Command(BaseCommand):
    help = "Load districts, centers, vaccines, regulations and criteria. Checks every file first; safe to run again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--shift-days", type=int, default=None, help="move every date by so many days (demo); kept once loaded"
        )

    def handle(self, *, shift_days: int | None, **options: object) -> None:
        try:
            report = reference_facts.load(shift_days=shift_days)
        except (Broken, reference_facts.ShiftRefused) as reason:
            raise CommandError(f"Nothing was loaded. {reason}") from reason
        for tally in report.tallies:
            if tally.added or tally.corrected or tally.kept:
                kept = f", {tally.kept} differ and were left as they are" if tally.kept else ""
                self.stdout.write(f"{tally.kind}: {tally.added} added, {tally.corrected} corrected{kept}")
        if report.changed:
            self.stdout.write(self.style.SUCCESS(f"Facts loaded, dates moved by {report.shift_days} days."))
        else:
            self.stdout.write("Nothing to do: all facts are loaded.")
