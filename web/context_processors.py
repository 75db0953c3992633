"""What every page shows: operator, hotline, the other language."""

import re
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language

from accounts import demo
from accounts.models import User
from web.centeradmin.navigation import entries
from web.language import link_to
from web.staff import words


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
        # Shown on the login page; outside the demo nobody has these accounts, and nobody sees them.
        "demo_accounts": demo.ACCOUNTS if settings.DEMO else (),
        "demo_password": demo.PASSWORD if settings.DEMO else "",
    }


# allowEval and the indicator's style element would break the CSP, and so would a style attribute, even an empty one
# that some tool left behind, when it is copied from the old part of a page to the new one; a history cache would leave
# personal pages in the browser's storage; and without responseHandling htmx would swallow a page sent with 409 or 429.
HTMX_CONFIG = (
    '{"allowEval": false, "includeIndicatorStyles": false, "selfRequestsOnly": true, "allowScriptTags": false,'
    ' "attributesToSettle": ["class"],'
    ' "historyCacheSize": 0, "refreshOnHistoryMiss": true, "scrollIntoViewOnBoost": false,'
    ' "responseHandling": [{"code": "204", "swap": false}, {"code": ".*", "swap": true}]}'
)


def staff(request: HttpRequest) -> dict[str, Any]:
    """Entries of the bar, and who is working; nothing for citizens, nor where the database is not to be asked."""
    user = None if getattr(request, "without_database", False) else getattr(request, "user", None)
    if not isinstance(user, User):
        return {"staff_bar": [], "staff_who": ""}
    center = getattr(request, "center", None)
    return {"staff_bar": entries(request), "staff_who": words.who(user, center.name if center else "")}
