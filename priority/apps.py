from django.apps import AppConfig


class PriorityConfig(AppConfig):
    """Floor 1: demand. The regulations as dated data, and who may book from when."""

    name = "priority"
