"""Wiring: settings, addresses, processes. Imported by nobody; loads Celery so that every process knows its tasks."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
