from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class NotificationsConfig(AppConfig):
    """Floor 1: messages to people. Knows template names and addresses, never an appointment."""

    name = "notifications"

    def ready(self) -> None:
        # The floors above register what their messages say in a module `messages`, as admin modules do.
        autodiscover_modules("messages")
