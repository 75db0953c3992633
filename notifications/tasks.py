"""Doors for Celery. Beat opens them; nothing else does."""

from celery import shared_task
from django.utils import timezone

from notifications import delivery, printing


@shared_task
def drain_outbox(**_: object) -> None:
    """Runs every few seconds; runs may overlap. What a killed run held is due again when its lease ends."""
    delivery.drain(clock=timezone.now)


@shared_task
def print_letters(**_: object) -> None:
    """Make the batches that are due, and forget the PDFs of old ones. On the queue `celery`: it may take minutes."""
    printing.make_due(now=timezone.now())
    printing.forget(now=timezone.now())


@shared_task
def remake_letters(**_: object) -> None:
    """Make the batches anew whose print failed. Somebody waits for it at a printer: every few seconds."""
    printing.remake_due(now=timezone.now())
