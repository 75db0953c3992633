"""Doors for Celery beat. Safe to run twice, at once, or late; what they do is in booking/services/."""

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from booking.services import caring, door, holds, invitations, paper, upkeep
from booking.services import fall_back as fall_backs


@shared_task
def invite(**_: object) -> None:
    """Invite the next people in the line, as far as places are free."""
    invitations.invite(limit=settings.INVITE_AT_ONCE, by=None, now=timezone.now())


@shared_task
def tend(**_: object) -> None:
    """Close, remind and delete what is due."""
    upkeep.tend(now=timezone.now())


@shared_task
def make_paper_packs(**_: object) -> None:
    """Keep the paper packs of today and tomorrow at most an hour old, and delete those of yesterday."""
    paper.make_due(now=timezone.now())


@shared_task
def close_days(**_: object) -> None:
    """Enter who did not come, when a center's day is over."""
    door.close_due(now=timezone.now())


@shared_task
def carry_on_changes(**_: object) -> None:
    """Care for the people of running changes, and give freed places to the displaced."""
    caring.carry_on(now=timezone.now())


@shared_task
def fall_back(**_: object) -> None:
    """Free places whose time has come go to the share that the rule of their contingent names."""
    fall_backs.fall_due(now=timezone.now())


@shared_task
def sweep_holds(**_: object) -> None:
    """Give back the places that were kept for callers long enough."""
    holds.sweep(now=timezone.now())
