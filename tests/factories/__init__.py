"""Builders for tests, and the moment most of them stand at: Tuesday 16 February 2021, 10:00 in Berlin."""

from datetime import UTC, datetime

NOW = datetime(2021, 2, 16, 9, 0, tzinfo=UTC)
