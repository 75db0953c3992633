"""What every page shows: operator, hotline, the other language."""

import re
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language

from accounts.models import User
from web.centeradmin.navigation import entries
from web.language import link_to


def operator(request: HttpRequest) -> dict[str, Any]:
    """Names for header and footer, all from the settings; see templates/base.html."""
    language = "en" if (get_language() or "de").startswith("en") else "de"
    other = "de" if language == "en" else "en"
    return {
        "site_name": "Impftermin",
        "region_name": settings.REGION_NAME,
        "operator": settings.OPERATOR,
        "hotline": settings.HOTLINE,
        "hotline_tel": re.sub(r"[^0-9+]", "", settings.HOTLINE),
        "hotline_hours": settings.HOTLINE_HOURS_EN if language == "en" else settings.HOTLINE_HOURS_DE,
        "demo": settings.DEMO,
        "page_language": language,
        "other_language": {"code": other, "name": dict(settings.LANGUAGES)[other], "url": link_to(request, other)},
        "htmx_config": HTMX_CONFIG,
    }


# allowEval and the indicator's style element would break the CSP; a history cache would leave personal pages
# in the browser's storage; and without responseHandling htmx would swallow a page sent with 403, 409 or 429.
HTMX_CONFIG = (
    '{"allowEval": false, "includeIndicatorStyles": false, "selfRequestsOnly": true, "allowScriptTags": false,'
    ' "historyCacheSize": 0, "refreshOnHistoryMiss": true, "scrollIntoViewOnBoost": false,'
    ' "responseHandling": [{"code": "204", "swap": false}, {"code": ".*", "swap": true}]}'
)


def staff(request: HttpRequest) -> dict[str, Any]:
    """The bar of the center's pages; nothing for citizens."""
    if not isinstance(getattr(request, "user", None), User) or not hasattr(request, "center"):
        return {}
    return {"staff_bar": entries(request)}
