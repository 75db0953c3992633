import argparse

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from accounts import services, tokens
from accounts.refusals import Refused
from accounts.roles import Role


class Command(BaseCommand):
    help = "Make the first administrator, and print the link that sets the password (valid for 7 days, once)."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("email", help="also the user name")
        parser.add_argument("first_name")
        parser.add_argument("last_name")

    def handle(self, *, email: str, first_name: str, last_name: str, **options: object) -> None:
        try:
            validate_email(email)
        except ValidationError:
            raise CommandError("An e-mail address looks like name@example.org.") from None
        try:
            with transaction.atomic():
                user = services.invite(
                    first_name=first_name, last_name=last_name, email=email, roles=[Role.ADMINISTRATOR], by=None,
                    now=timezone.now(),
                )  # fmt: skip
        except Refused as refusal:
            raise CommandError(f"{refusal} For a lost second factor: manage.py reset_second_factor {email}") from None
        self.stdout.write(f"{user.username} is an administrator. This link sets the password:")
        self.stdout.write(tokens.link(user))
