"""A door for Celery beat; safe to run twice."""

from celery import shared_task
from django.contrib.sessions.backends.db import SessionStore


@shared_task
def forget_sessions(**_: object) -> None:
    """Delete logins that ended by themselves; who logged out has deleted the own one."""
    SessionStore.clear_expired()
