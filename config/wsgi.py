"""The WSGI application, for granian or gunicorn."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()
# What is loaded by now stays until the end: the collector need not look through all of it again and again.
gc.collect()
gc.freeze()
