from django.core.management.base import BaseCommand
from django.utils import timezone

from notifications import delivery


class Command(BaseCommand):
    help = "Send the messages that are due, once. The worker does this every few seconds; this is for operators."

    def handle(self, **options: object) -> None:
        sent = delivery.drain(clock=timezone.now)
        self.stdout.write(self.style.SUCCESS(f"{sent} messages accepted by the mail server."))
