"""The project's settings with one address more: the trivial view that booking and pages are compared with."""

from config.settings import *  # noqa: F403  everything but what follows

ROOT_URLCONF = "benchmarks.urls"
