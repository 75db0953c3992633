"""The world of tests/web/public, for those who mean harm."""

from tests.web.public.conftest import _clock, _german, campaign

__all__ = ["_clock", "_german", "campaign"]
