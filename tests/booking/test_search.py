"""What was typed into the one box is recognised, and finds whom it should."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking import codes, search
from booking.search import Kind
from tests.factories.people import RegistrationFactory

TODAY = date(2021, 2, 16)
BORN = date(1946, 2, 3)


def parsed(text):
    return search.parse(text, today=TODAY)


def found(text):
    return [person.full_name for person in search.run(parsed(text)).hits]


def muller(first="Ursula", last="Müller", **more):
    return RegistrationFactory(**({"first_name": first, "last_name": last, "birth_date": BORN} | more))


# --- taking apart --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Müller 3.2.46", "Müller 03.02.1946", "3.2.1946 Müller", "Müller, 3. 2. 1946", "Müller 3,2,46", "Müller 3/2/46",
        "Müller 3-2-1946", "Müller 1946-02-03", "Müller 3 2 46", "Müller 03021946", "Müller 3. Februar 1946",
        "Müller 3 feb 46", "  Müller\t3.2.46  ", "3.2.46, Müller",
    ],
)  # fmt: skip
def test_name_and_birth_date_in_every_hand(text):
    query = parsed(text)

    assert (query.kind, query.name, query.words, query.birth_date) == (
        Kind.NAME_AND_BIRTHDAY, "Müller", ("muller",), BORN,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("3.2.1946 Müller-Arnold Ursula", ("muller", "arnold", "ursula")),
        ("Mueller, Ursula 03.02.1946", ("muller", "ursula")),
        ("O'Neill 3.2.46", ("oneill",)),
        ("von der Weiß 3.2.46", ("von", "der", "weiss")),
        ("Augustin 3.2.46", ("augustin",)),
    ],
)
def test_words_of_a_name(text, words):
    assert parsed(text).words == words


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("03525 4471", "+4935254471"), ("+49 3525 4471", "+4935254471"), ("0049 3525/4471", "+4935254471"),
        ("(03525) 44-71", "+4935254471"), ("0151/23456789", "+4915123456789"), ("0351 12 12 60", "+49351121260"),
        ("030 12 12 1960", "+493012121960"), ("Müller 03525 4471", "+4935254471"), ("3.2.46 03525 4471", "+4935254471"),
        ("+420 221 000 333", "+420221000333"),
    ],
)  # fmt: skip
def test_a_telephone_number_is_no_date(text, key):
    query = parsed(text)

    assert (query.kind, query.key) == (Kind.PHONE, key)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("u.mueller46@gmx.de", Kind.EMAIL), ("Müller u.mueller46@gmx.de", Kind.EMAIL),
        ("u.mueller@gmx", Kind.WRONG_EMAIL),
        ("3.2.46 01587", Kind.BIRTHDAY_AND_POSTCODE), ("01587 3.2.46", Kind.BIRTHDAY_AND_POSTCODE),
        ("Müller", Kind.NAME_ALONE), ("Müller 01587", Kind.NAME_ALONE), ("Müller 1946", Kind.NAME_ALONE),
        ("Schwarz", Kind.NAME_ALONE), ("Franke", Kind.NAME_ALONE), ("3.2.46", Kind.BIRTHDAY_ALONE),
        ("M 3.2.46", Kind.BIRTHDAY_ALONE), ("01587", Kind.POSTCODE_ALONE), ("4471", Kind.NOTHING),
        ("Müller 31.2.46", Kind.WRONG_DATE), ("Müller 3.13.46", Kind.WRONG_DATE), ("Müller 3.2.1846", Kind.WRONG_DATE),
        ("Müller 3.2.2022", Kind.WRONG_DATE), ("3525 4471", Kind.WRONG_PHONE),
        ("", Kind.NOTHING), (" \0 ", Kind.NOTHING),
        ("K7P 4XM 92P", Kind.CASE_NUMBER), ("k7p4xm92", Kind.CASE_NUMBER), ("7H4 K2M2", Kind.DOOR_CODE),
        ("7h4-k2m", Kind.DOOR_CODE), ("7H4 K2M3", Kind.MISREAD), ("K7P 4XM 93P", Kind.MISREAD),
    ],
)  # fmt: skip
def test_what_was_typed_is_recognised(text, kind):
    assert parsed(text).kind is kind


@pytest.mark.parametrize(("year", "born"), [("16", 2016), ("17", 1917), ("21", 1921), ("00", 2000), ("46", 1946)])
def test_two_digits_are_the_last_such_year_of_who_may_be_vaccinated(year, born):
    assert parsed(f"Müller 3.2.{year}").birth_date == date(born, 2, 3)


@given(st.text(max_size=200))
def test_whatever_is_typed_is_answered(text):
    assert search.parse(text, today=TODAY).kind in Kind


@given(st.text("0123456789.,/- ", max_size=30))
def test_whatever_numbers_are_typed_are_answered(text):
    assert search.parse(text, today=TODAY).kind in Kind


# --- finding -------------------------------------------------------------------------------------

MULLERS = ["Müller", "Mueller", "MULLER", "Muller", "müller", "Müller-Arnold", "Arnold-Müller", "Arnold Mueller"]


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["Müller", "Mueller", "MULLER", "mull", "Ursula Müller", "müller urs"])
def test_spelling_variants_find_each_other(typed):
    for number, last in enumerate(MULLERS):
        muller(last=last, street=f"Elbstraße {number}")

    assert len(found(f"{typed} 3.2.46")) == len(MULLERS)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("stored", "typed"),
    [
        (("Ursula", "Weiß"), "Weiss"), (("Ursula", "Weiss"), "Weiß"), (("Shane", "O’Neill"), "O'Neill"),
        (("Shane", "O'Neill"), "oneill"), (("Hans-Peter", "Groß"), "Hanspeter Gross"),
        (("Hanspeter", "Groß"), "Hans Peter Groß"), (("Ursula", "Müller-Arnold"), "Arnold"),
        (("Ursula", "Müller-Arnold"), "Müller Arnold"), (("Ursula", "Müller Arnold"), "Müller-Arnold"),
        (("Ron", "Mc Donald"), "McDonald"), (("Ron", "McDonald"), "Mc Donald"),
        (("René", "Dvořák"), "Dvorak Rene"), (("Łukasz", "Sørensen"), "lukasz sorensen"),
    ],
)  # fmt: skip
def test_a_name_is_found_however_it_is_spelled(stored, typed):
    person = muller(*stored)

    answer = search.run(parsed(f"{typed} 3.2.46"))

    assert (answer.hits, answer.loose) == ((person,), False)


@pytest.mark.django_db
def test_a_name_in_the_middle_of_a_word_is_not_meant():
    muller("Gerda", "Obermüller")

    assert found("Müller 3.2.46") == []


@pytest.mark.django_db
def test_somebody_else_is_not_found():
    muller(birth_date=date(1946, 2, 4))
    muller(last="Schmidt")

    assert found("Müller 3.2.46") == []


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["Müller-Arnold Ursula", "Maier Ursula", "Müller Ulla"])
def test_who_has_one_of_the_words_is_found_when_nobody_has_all(typed):
    person = muller()

    answer = search.run(parsed(f"{typed} 3.2.46"))

    assert (answer.hits, answer.loose) == ((person,), True)


@pytest.mark.django_db
def test_the_sign_for_anything_means_nothing():
    muller()

    assert found("%% 3.2.46") == found("M_ller 3.2.46") == []


@pytest.mark.django_db
def test_a_postcode_narrows_a_name_and_finds_with_a_birth_date():
    muller(postcode="01587")
    muller("Gerda", postcode="01796")

    assert found("3.2.46 01587") == ["Ursula Müller"]
    assert found("Müller 3.2.46 01796") == ["Gerda Müller"]


@pytest.mark.django_db
def test_a_couple_shares_number_and_address():
    for first in ("Ursula", "Gerd"):
        muller(first, phone="+4935254471", email="Mueller@GMX.de")
    muller("Elsa", phone="", email="", street="Elbstraße 2")

    assert found("03525 4471") == found("mueller@gmx.de") == ["Gerd Müller", "Ursula Müller"]
    assert found("Ursula 03525 4471") == ["Ursula Müller"]


@pytest.mark.django_db
def test_a_code_finds_one():
    person = muller(case_number="K7P4XM92", door_code="FRANKE")
    muller("Gerda")

    for typed in ("K7P4XM92", "k7p 4xm 92p", "franke", codes.spoken("FRANKE")):
        answer = search.run(parsed(typed))
        assert (answer.hits, answer.exact) == ((person,), True)


@pytest.mark.django_db
def test_a_name_that_is_nobodys_code_stays_half_a_question():
    answer = search.run(parsed("Franke"))

    assert (answer.query.kind, answer.searched) == (Kind.NAME_ALONE, False)


@pytest.mark.django_db
def test_who_still_wants_to_come_stands_first():
    muller(withdrawn=True)
    muller("Waltraud", "Müllerchen")

    assert found("Müller 3.2.46") == ["Waltraud Müllerchen", "Ursula Müller"]


@pytest.mark.django_db
def test_twenty_are_shown_and_more_are_said():
    for number in range(21):
        muller(f"Ursula {number}")

    answer = search.run(parsed("Müller 3.2.46"))

    assert (len(answer.hits), answer.more) == (20, True)
