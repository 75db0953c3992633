"""Doors for Celery, on the queue `messages`. Beat opens them; nothing else does."""

from celery import shared_task
from django.utils import timezone

from notifications import delivery


@shared_task
def drain_outbox(**_: object) -> None:
    """Runs every few seconds; runs may overlap. What a killed run held is due again when its lease ends."""
    delivery.drain(clock=timezone.now)
