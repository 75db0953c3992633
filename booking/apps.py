from django.apps import AppConfig


class BookingConfig(AppConfig):
    """Floor 2: where people and places meet."""

    name = "booking"
