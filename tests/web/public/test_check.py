"""The check: two questions, an answer in words, and nothing stored."""

from dataclasses import replace
from datetime import date

import pytest
from django.test import Client

from booking import facts
from booking.models import Draft
from centers.models import Slot
from tests.factories import NOW
from web.public import verdict

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("campaign")]

OLD = {"birth_date_day": "14", "birth_date_month": "3", "birth_date_year": "1938"}
YOUNG = {"birth_date_day": "2", "birth_date_month": "5", "birth_date_year": "1968"}
CHILD = {"birth_date_day": "2", "birth_date_month": "5", "birth_date_year": "2012"}


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def test_check_asks_for_the_birth_date_first(client):
    assert "Wann sind Sie geboren?" in text_of(client.get("/pruefen/"))


def test_check_of_an_old_person_needs_one_question_only(client):
    page = text_of(client.post("/pruefen/", OLD))

    assert "Ja, Sie sind jetzt an der Reihe" in page
    assert "Gruppe 1: höchste Priorität" in page
    assert "1 von 1 Impfzentren" in page
    assert "Es zählt Ihr Alter am Tag der ersten Impfung." in page


def test_check_of_a_younger_person_asks_what_applies(client):
    assert "Was trifft auf Sie zu?" in text_of(client.post("/pruefen/", YOUNG))


def test_check_counts_an_occupation(client):
    page = text_of(client.post("/pruefen/", {**YOUNG, "step": "criteria", "occupation": "P1_HOMECARE"}))

    assert "Ja, Sie sind jetzt an der Reihe" in page


def test_check_says_when_nothing_applies(client):
    page = text_of(client.post("/pruefen/", {**YOUNG, "step": "criteria", "none": "on"}))

    assert "Sie gehören zu keiner Gruppe mit Vorrang" in page
    assert "Weiter zur Anmeldung" in page


def test_check_says_later_when_the_group_is_not_open(client):
    sixty = {**OLD, "birth_date_year": "1955"}

    page = text_of(client.post("/pruefen/", {**sixty, "step": "criteria", "none": "on"}))

    assert "Sie haben Anspruch, aber noch nicht jetzt" in page
    assert "Gruppe 3" in page


def test_check_names_every_reason_best_first(client):
    sixty = {**OLD, "birth_date_year": "1955"}

    page = text_of(client.post("/pruefen/", {**sixty, "step": "criteria", "occupation": "P1_HOMECARE"}))

    assert page.index(">P1_HOMECARE.<") < page.index("Das trifft auch zu") < page.index(">P3_AGE60")


def test_check_of_a_child_says_that_no_vaccine_is_licensed(client):
    page = text_of(client.post("/pruefen/", CHILD))

    assert "In diesem Alter ist noch kein Impfstoff zugelassen" in page
    assert "Weiter zur Anmeldung" not in page


def test_check_with_full_centers_says_so(client):
    Slot.objects.update(capacity=1, booked=1)

    assert "zurzeit ist kein Platz frei" in text_of(client.post("/pruefen/", OLD))


def test_check_of_a_birthday_within_the_horizon_counts_from_that_day(client):
    soon = {**OLD, "birth_date_day": "17", "birth_date_month": "2", "birth_date_year": "1941"}

    page = text_of(client.post("/pruefen/", soon)).replace("\xa0", " ")

    assert "Ja, Sie sind jetzt an der Reihe" in page
    assert "Ihre Termine können ab dem 17. Februar 2021 liegen" in page
    assert "Ab dem 17. Februar 2021 gilt: P1_AGE80. Am 17. Februar 1941 geboren, sind Sie" in page
    assert "heute 79." in page


def test_check_without_any_tick_asks_again(client):
    page = text_of(client.post("/pruefen/", {**YOUNG, "step": "criteria"}))

    assert "Bitte prüfen Sie eine Angabe" in page
    assert "<title>Fehler:" in page


def test_check_with_a_tick_and_nothing_asks_which(client):
    page = text_of(client.post("/pruefen/", {**YOUNG, "step": "criteria", "occupation": "P1_HOMECARE", "none": "on"}))

    assert "Bitte nehmen Sie eines von beiden zurück" in page


def test_check_going_back_keeps_the_birth_date(client):
    page = text_of(client.post("/pruefen/", {**YOUNG, "step": "change_birth", "criteria": "P1_HOMECARE"}))

    assert 'value="1968"' in page
    assert '<input type="hidden" name="criteria" value="P1_HOMECARE">' in page


def test_check_changing_answers_keeps_the_ticks(client):
    page = text_of(client.post("/pruefen/", {**YOUNG, "step": "change_criteria", "criteria": "P1_HOMECARE"}))

    assert 'value="P1_HOMECARE" checked' in page


def test_check_stores_nothing_and_sets_no_cookie_but_the_forms_own(client, django_assert_max_num_queries):
    client.post("/pruefen/", OLD)
    with django_assert_max_num_queries(2):
        response = client.post("/pruefen/", OLD)

    assert set(client.cookies) <= {"csrftoken"}
    assert not Draft.objects.exists()
    assert "1938" not in response.request["PATH_INFO"] + response.request["QUERY_STRING"]


def test_check_hands_on_by_hidden_fields_only(client):
    page = text_of(client.post("/pruefen/", {**YOUNG, "step": "criteria", "occupation": "P1_HOMECARE"}))

    assert '<form id="weiter" action="/anmelden/" method="post"' in page
    assert '<input type="hidden" name="birth_date_year" value="1968">' in page


def test_check_under_a_regulation_without_groups_has_no_second_question():
    known = facts.load()
    free = replace(known, regulations=tuple(replace(one, grouped=False) for one in known.regulations))

    found = verdict.judge(date(1968, 5, 2), (), now=NOW, facts=free)

    assert (found.kind, found.level, found.settled) == ("later", 4, True)
    assert found.group == "Alle haben Anspruch"


def test_check_without_any_place_at_all_promises_nothing_to_who_has_no_priority():
    found = verdict.judge(date(1968, 5, 2), (), now=NOW, facts=replace(facts.load(), contingents={}))

    assert (found.kind, found.settled) == ("nothing", False)


def test_check_without_any_place_at_all_says_full_to_an_open_group():
    found = verdict.judge(date(1938, 3, 14), (), now=NOW, facts=replace(facts.load(), contingents={}))

    assert found.kind == "full"


def test_check_needs_the_form_token():
    assert Client(enforce_csrf_checks=True).post("/pruefen/", OLD).status_code == 403
