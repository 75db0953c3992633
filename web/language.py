"""The other language by a plain link: `?sprache=en` on any page, no script and no form needed.

The page's own path stays, so nothing can be redirected elsewhere and no address is copied into a parameter.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.cache import patch_cache_control

PARAMETER = "sprache"


def link_to(request: HttpRequest, code: str) -> str:
    """The relative address that shows the same page in the language `code`."""
    query = request.GET.copy()
    query[PARAMETER] = code
    return f"?{query.urlencode()}"


class LanguageLinkMiddleware:
    """Turn `?sprache=<code>` into the language cookie and show the page again without it.

    Stands before LocaleMiddleware. An unknown code is left alone: the page opens as if it were not there.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        code = request.GET.get(PARAMETER)
        if request.method != "GET" or code not in dict(settings.LANGUAGES):
            return self.get_response(request)
        query = request.GET.copy()
        del query[PARAMETER]
        # A path such as //host/ would lead a browser elsewhere; one leading slash keeps it here.
        path = "/" + request.path.lstrip("/\\")
        response = HttpResponseRedirect(f"{path}?{query.urlencode()}" if query else path)
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            code,
            max_age=365 * 24 * 3600,
            path=settings.LANGUAGE_COOKIE_PATH,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
            samesite="Lax",
        )
        patch_cache_control(response, no_store=True)
        return response
