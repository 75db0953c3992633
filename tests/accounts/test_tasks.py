"""Logins that have ended are forgotten; running ones are not."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.tasks import forget_sessions
from config.celery import app

pytestmark = pytest.mark.django_db


def test_only_ended_sessions_are_deleted():
    now = timezone.now()
    for key, minutes in (("ended", -1), ("running", 1)):
        Session.objects.create(session_key=key, session_data="", expire_date=now + timedelta(minutes=minutes))
    forget_sessions()
    assert [session.pk for session in Session.objects.all()] == ["running"]


def test_beat_asks_for_it():
    asked = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert "accounts.tasks.forget_sessions" in asked
