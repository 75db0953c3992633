"""Am I entitled? Two questions and an answer, without a name, a session or a row in the database.

Birth date and answers travel in hidden fields of POST requests only: never in a URL, never in a cookie.
"""

from collections.abc import Iterable
from datetime import date

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from booking import clock, facts
from priority import rules
from priority.rules import CriterionRule
from web.public import verdict
from web.public.forms.check import BirthForm, CarriedForm, CriteriaForm


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """GET asks for the birth date; the button's name `step` says what a POST answers."""
    asked = asked_today()  # before any question: on a day without rules there is no answer
    if request.method != "POST":
        return _ask_birth(request, BirthForm(), [])
    carried = CarriedForm(request.POST, asked=asked)
    carried.is_valid()
    kept = carried.cleaned_data.get("criteria", [])
    birth_date = carried.cleaned_data.get("birth_date")
    step = request.POST.get("step")
    if step == "change_birth" or birth_date is None:
        form = BirthForm(initial={"birth_date": birth_date}) if birth_date else BirthForm(request.POST)
        return _ask_birth(request, form, kept)
    if step == "criteria":
        return _answer_criteria(request, birth_date, asked)
    if step == "change_criteria":
        return _ask_criteria(request, CriteriaForm(asked=asked, chosen=kept), birth_date)
    return _answer_birth(request, birth_date, kept, asked)


def asked_today() -> tuple[CriterionRule, ...]:
    """The criteria a form may ask for today."""
    today = clock.local_day(timezone.now())
    return rules.regulation_on(facts.load().regulations, today).asked(today)


def _answer_birth(
    request: HttpRequest, birth_date: date, kept: list[str], asked: Iterable[CriterionRule]
) -> HttpResponse:
    """Old enough for an open group: that was the only question."""
    found = verdict.judge(birth_date, (), now=timezone.now(), facts=facts.load())
    if found.settled and not kept:
        return _result(request, found, ())
    return _ask_criteria(request, CriteriaForm(asked=asked, chosen=kept), birth_date)


def _answer_criteria(request: HttpRequest, birth_date: date, asked: Iterable[CriterionRule]) -> HttpResponse:
    form = CriteriaForm(request.POST, asked=asked)
    if not form.is_valid():
        return _ask_criteria(request, form, birth_date)
    chosen = sorted(form.chosen())
    return _result(request, verdict.judge(birth_date, chosen, now=timezone.now(), facts=facts.load()), chosen)


def _ask_birth(request: HttpRequest, form: BirthForm, kept: Iterable[str]) -> HttpResponse:
    return render(request, "public/check/birth.html", {"form": form, "criteria": kept})


def _ask_criteria(request: HttpRequest, form: CriteriaForm, birth_date: date) -> HttpResponse:
    age = rules.age_on(birth_date, clock.local_day(timezone.now()))
    return render(request, "public/check/criteria.html", {"form": form, "birth_date": birth_date, "age": age})


def _result(request: HttpRequest, found: verdict.Verdict, chosen: Iterable[str]) -> HttpResponse:
    return render(request, "public/check/result.html", {"verdict": found, "criteria": chosen})
