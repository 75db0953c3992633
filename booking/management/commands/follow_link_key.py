"""`manage.py follow_link_key`: after LINK_KEY has changed, links sent so far are void, and messages carry good ones."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from booking.services import link_keys


class Command(BaseCommand):
    """Idempotent. Run it once all processes have the new key; docs/operations.md, "New keys"."""

    help = "Bring every open access link under the LINK_KEY of now: what was sent under another one is void."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{link_keys.follow(now=timezone.now())} links were under another key, and are void as sent.")
