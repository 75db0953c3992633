"""The papers to take along: calendar file and confirmation. Built from the appointments as they stand now."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from web.public.visit import visitor_required


@login_not_required
@visitor_required
@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    raise Http404


@login_not_required
@visitor_required
@require_safe
def confirmation(request: HttpRequest) -> HttpResponse:
    raise Http404
