"""Pages of text. German and English are written, not translated, each in its own template."""

from datetime import date
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone, translation
from django.views.decorators.http import require_safe

from web.public import rulebook
from web.public.forms.check import english

# The day of the self-assessment that the accessibility statement reports; renew it with the assessment.
ASSESSED_ON = date(2026, 11, 21)


@login_not_required
@require_safe
def how(request: HttpRequest) -> HttpResponse:
    """The way from the check to both appointments, and how to know our messages."""
    context = {
        "invitation_days": settings.INVITATION_DAYS,
        "letter_days": settings.LETTER_DAYS,
        "sender": parseaddr(settings.DEFAULT_FROM_EMAIL)[1],
        "site": settings.SITE_URL,
    }
    return _page(request, "how", context)


@login_not_required
@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """The rules in words: who is in which group, which vaccine for whom, and what changed when."""
    return _page(request, "rules", {"book": rulebook.current(timezone.now())})


@login_not_required
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """Article 13 GDPR."""
    return _page(request, "privacy")


@login_not_required
@require_safe
def imprint(request: HttpRequest) -> HttpResponse:
    """Section 5 DDG."""
    return _page(request, "imprint")


@login_not_required
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """The statement of section 7 BITV 2.0, with the way to report a barrier."""
    return _page(request, "accessibility", {"assessed_on": ASSESSED_ON, "site": settings.SITE_URL})


@login_not_required
@require_safe
def easy_language(request: HttpRequest) -> HttpResponse:
    """Leichte Sprache is German, frame and all, whatever language was chosen."""
    with translation.override("de"):
        context = {"invitation_days": settings.INVITATION_DAYS}
        return render(request, "public/pages/easy_language.html", context)


def _page(request: HttpRequest, name: str, context: dict[str, Any] | None = None) -> HttpResponse:
    language = "en" if english() else "de"
    return render(request, f"public/pages/{name}.{language}.html", context)


page_urls = [
    path("so-funktioniert-es/", how, name="how"),
    path("regeln/", rules, name="rules"),
    path("datenschutz/", privacy, name="privacy"),
    path("impressum/", imprint, name="imprint"),
    path("barrierefreiheit/", accessibility, name="accessibility"),
    path("leichte-sprache/", easy_language, name="easy_language"),
]
