from importlib import import_module

from django.apps import AppConfig


class WebConfig(AppConfig):
    """The surfaces. What allauth tells by signals is listened to from the start."""

    name = "web"

    def ready(self) -> None:
        import_module("web.staff.watch")
