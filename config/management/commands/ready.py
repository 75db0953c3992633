"""`manage.py ready`: what /readyz says, for whoever stands at the machine; the proxy keeps that page inside.

`docker compose exec web python manage.py ready`. Ends with 1 when a part is missing, so a cron job can ask it as well.
"""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config import health


class Command(BaseCommand):
    """Asks the same parts from the same connections as a web process."""

    requires_system_checks: list[str] = []
    help = "Say whether every part of the installation answers, as /readyz does."

    def handle(self, *args: Any, **options: Any) -> None:
        ready, parts = health.state(timezone.now())
        self.stdout.write(json.dumps({"ready": ready, **parts}, indent=2))
        if not ready:
            raise CommandError("Not everything answers; docs/operations.md says what to do.")
