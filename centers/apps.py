from django.apps import AppConfig


class CentersConfig(AppConfig):
    """Floor 1: supply. Where, with what, when and for how many."""

    name = "centers"
