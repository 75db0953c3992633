"""Doors for Celery beat. Safe to run twice, at once, or late."""

from celery import shared_task
from django.utils import timezone

from centers.sessions import publishing


@shared_task
def publish_due(**_: object) -> None:
    """Open the sessions whose time has come."""
    publishing.publish_due(now=timezone.now())
