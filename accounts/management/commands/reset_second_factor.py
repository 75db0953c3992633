import argparse

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts import services
from accounts.models import User


class Command(BaseCommand):
    help = "Take a lost second factor away, for an administrator whom no other administrator can help."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("username")

    def handle(self, *, username: str, **options: object) -> None:
        user = User.objects.filter(username__iexact=username).first()
        if user is None:
            raise CommandError("There is no account with this user name.")
        services.reset_second_factor(user=user, by=None, now=timezone.now())
        self.stdout.write(f"{user.username} has no second factor any more, and sets up a new one at the next login.")
