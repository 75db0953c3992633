"""The start page and the list of all centers: no session, no write, no name needed."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from centers.models import Center
from web.public import offers
from web.public.forms.check import english
from web.public.offers import Offers

EARLIEST = 5  # as many as fit on one screen


@login_not_required
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """What this is, whose turn it is, and the ways in."""
    found = offers.current(timezone.now())
    context = {"offers": found, "status": status(found), "earliest": found.free[:EARLIEST]}
    return render(request, "public/start.html", context)


@login_not_required
@require_safe
def centers(request: HttpRequest) -> HttpResponse:
    """Every listed center with its address and its first free place."""
    found = offers.current(timezone.now())
    addresses = Center.objects.filter(listed=True).in_bulk()
    rows = [(offer, addresses[offer.center_id]) for offer in found.centers if offer.center_id in addresses]
    return render(request, "public/centers.html", {"offers": found, "status": status(found), "rows": rows})


def status(found: Offers) -> dict[str, Any]:
    """The campaign in one heading and one sentence."""
    if not found.regulated:
        return {
            "kind": "stop",
            "title": _("No rules are in force at the moment"),
            "text": _("So nobody can book. Please call the hotline."),
        }
    if not found.level and found.limited:
        return {"kind": "good", "title": _("Can book now: %(who)s") % {"who": names(found)}, "text": others()}
    if not found.level:
        return {
            "kind": "stop",
            "title": _("No group can book at the moment"),
            "text": _("You can register already: we write to you when it is your turn."),
        }
    if found.everyone:
        return {
            "kind": "good",
            "title": _("Everyone can book now"),
            "text": _("There are no groups to wait for. Register, and you get your link as soon as there are places."),
        }
    also = _("Also: %(who)s.") % {"who": names(found)} if found.limited else ""
    sentences = [members(found.level), also, others()]
    return {"kind": "good", "title": title(found.level), "text": " ".join(filter(None, sentences))}


def names(found: Offers) -> str:
    """The limited openings under the names that their makers gave them."""
    return "; ".join(one.name_en if english() else one.name_de for one in found.limited)


def title(level: int) -> str:
    if level == 1:
        return _("Can book now: group 1")
    return _("Can book now: groups 1 to %(level)s") % {"level": level}


def members(level: int) -> str:
    """Who is in the groups up to this one, in one sentence."""
    return {
        1: _("These are people of 80 and older, in care homes and in especially endangered occupations."),
        2: _("These are people of 70 and older, with certain illnesses, in care, and in endangered occupations."),
        3: _("These are people of 60 and older, with many chronic illnesses, and in occupations close to others."),
    }[level]


def others() -> str:
    return _("Everybody else can register already: we write to you when it is your turn.")


start_urls = [
    path("", start, name="start"),
    path("impfangebote/", centers, name="centers"),
]
