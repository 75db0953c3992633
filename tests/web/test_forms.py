"""The shared fields against what people, their phones and their clipboards send."""

import pytest
import time_machine
from django import forms
from django.core.exceptions import ValidationError
from django.template import Context, Template
from django.utils import translation

from tests.factories import NOW
from web.fields import summary
from web.forms import BirthDateField, EmailField, NameField, PlainTextField, PostcodeField, Tile
from web.forms import Form as BaseForm


class PersonForm(BaseForm):
    first_name = NameField(label="Vorname", autocomplete="given-name")
    birth_date = BirthDateField(label="Geburtsdatum")
    postcode = PostcodeField(label="Postleitzahl", help_text="Fünf Ziffern")
    kind = forms.ChoiceField(
        label="Art", choices=[("a", Tile("Eins", "mit Folge")), ("b", "Zwei")], widget=forms.RadioSelect
    )


@pytest.fixture(autouse=True)
def _day():
    with time_machine.travel(NOW, tick=False), translation.override("de"):
        yield


def error(field, value):
    with pytest.raises(ValidationError) as caught:
        field.clean(value)
    return " ".join(caught.value.messages)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("O'Brien", "O'Brien"),
        ("Nguyễn Thị", "Nguyễn Thị"),
        ("Nguye\u0302\u0303n", "Nguyễn"),  # the same letters, written with combining marks
        ("Šołta", "Šołta"),
        ("  Anna   Maria ", "Anna Maria"),
        ("Sukarno", "Sukarno"),
        ("von der Heide-Krauß", "von der Heide-Krauß"),
        ("محمد", "محمد"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("Ingeborg\u200b\ufeff", "Ingeborg"),
        ("St\u00adephan", "Stephan"),
    ],
)
def test_name_accepts_the_names_of_the_world(typed, kept):
    assert NameField().clean(typed) == kept


@pytest.mark.parametrize("typed", ["Anna\x00", "Anna\x1b[31m", "\u202eanna", "a\u2066b", "Anna\nMaria", "\ud800"])
def test_name_refuses_characters_that_cannot_be_shown(typed):
    assert error(NameField(), typed).startswith("Hier steht ein Zeichen")


@pytest.mark.parametrize(("typed", "found"), [("Anna 😀", "😀"), ("<script>", "<"), ("a=b", "="), ("☎", "☎")])
def test_name_refuses_signs_and_says_which(typed, found):
    assert error(NameField(), typed) == (
        f"„{found}“ kann hier nicht im Namen stehen. Bitte schreiben Sie den Namen wie im Ausweis."
    )


def test_name_refuses_what_has_no_letter():
    assert error(NameField(), "12345") == "Ein Name braucht mindestens einen Buchstaben."


def test_text_says_how_much_too_long_it_is():
    assert error(PlainTextField(max_length=10), "x" * 25) == "Hier passen höchstens 10 Zeichen hinein; das sind 25."


def test_street_keeps_numbers_and_signs():
    assert (
        PlainTextField().clean("Straße des 17. Juni 12a, 3. OG / App. 4") == "Straße des 17. Juni 12a, 3. OG / App. 4"
    )


@pytest.mark.parametrize(
    ("typed", "kept"), [("01796", "01796"), (" 01 796 ", "01796"), ("D-01796", "01796"), ("DE 01796", "01796")]
)
def test_postcode_understands_what_stands_on_letters(typed, kept):
    assert PostcodeField().clean(typed) == kept


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("1796", "Eine Postleitzahl hat 5 Ziffern. Meinten Sie 01796?"),
        ("017966", "Eine Postleitzahl hat 5 Ziffern."),
        ("SW1A 1AA", "Bitte geben Sie eine deutsche Postleitzahl mit 5 Ziffern ein."),
        ("٠١٧٩٦", "Bitte geben Sie eine deutsche Postleitzahl mit 5 Ziffern ein."),
        ("00000", "Diese Postleitzahl gibt es nicht. Bitte vergleichen Sie sie mit dem Ausweis."),
        ("", "Bitte geben Sie die Postleitzahl ein."),
    ],
)
def test_postcode_says_what_is_wrong(typed, text):
    assert error(PostcodeField(), typed) == text


@pytest.mark.parametrize(
    ("typed", "guess"),
    [
        ("i.richter@gmx,de", "i.richter@gmx.de"),
        ("i.richter @gmx.de", "i.richter@gmx.de"),
        ("i.richter@webde", "i.richter@web.de"),
        ("i.richter(at)gmx.de", "i.richter@gmx.de"),
        ("i.richter@gmx.de.", "i.richter@gmx.de"),
    ],
)
def test_email_guesses_what_was_meant(typed, guess):
    assert error(EmailField(), typed) == f"Eine E-Mail-Adresse sieht so aus: name@example.org. Meinten Sie {guess}?"


def test_email_without_a_guess_shows_how_one_looks():
    assert error(EmailField(), "richter") == "Eine E-Mail-Adresse sieht so aus: name@example.org."


def test_email_that_is_too_long_is_told_so():
    assert "höchstens 254 Zeichen" in error(EmailField(), "a" * 250 + "@gmx.de")


@pytest.mark.parametrize(
    "typed",
    [
        ("14", "3", "1938"),
        ("14.", "03.", "1938"),
        ("14", "März", "1938"),
        ("14", "march", "1938"),
        ("14.03.1938", "", ""),
        (" 14 ", " 3", "1938 "),
        ("١٤", "٣", "١٩٣٨"),
    ],
)
def test_birth_date_understands_many_ways_to_write_a_day(typed):
    names = ("d_day", "d_month", "d_year")
    value = BirthDateField().widget.value_from_datadict(dict(zip(names, typed, strict=True)), {}, "d")

    assert BirthDateField().clean(value).isoformat() == "1938-03-14"


@pytest.mark.parametrize(
    ("typed", "text", "parts"),
    [
        (("14", "3", "2038"), "Das Geburtsdatum liegt in der Zukunft. Meinten Sie 1938?", {"year"}),
        (("17", "2", "2021"), "Das Geburtsdatum liegt in der Zukunft.", {"day", "month"}),
        (("14", "3", "1850"), "Das Jahr liegt mehr als 120 Jahre zurück. Meinten Sie 1950?", {"year"}),
        (("14", "3", "938"), "Bitte geben Sie das Jahr mit 4 Ziffern ein, zum Beispiel 1938.", {"year"}),
        (("14", "3", "38"), "Bitte geben Sie das Jahr mit 4 Ziffern ein. Meinten Sie 1938?", {"year"}),
        (("3", "14", "1938"), "Einen Monat 14 gibt es nicht. Meinten Sie 14.3.1938?", {"day", "month"}),
        (("31", "2", "1938"), "Dieser Monat hatte nur 28 Tage.", {"day"}),
        (("32", "1", "1938"), "Bitte geben Sie den Tag als Zahl von 1 bis 31 ein.", {"day"}),
        (("x", "1", "1938"), "Bitte geben Sie den Tag als Zahl von 1 bis 31 ein.", {"day"}),
        (("14", "Brumaire", "1938"), "Bitte geben Sie den Monat als Zahl von 1 bis 12 ein.", {"month"}),
        (("", "3", ""), "Bitte ergänzen Sie den Tag und das Jahr der Geburt.", {"day", "year"}),
        (("14", "3\x00", "1938"), "Bitte geben Sie den Monat als Zahl von 1 bis 12 ein.", {"month"}),
        (("1" * 5000, "3", "1938"), "Bitte geben Sie den Tag als Zahl von 1 bis 31 ein.", {"day"}),
    ],
)
def test_birth_date_names_the_part_and_guesses(typed, text, parts):
    with pytest.raises(ValidationError) as caught:
        BirthDateField().clean(typed)

    assert caught.value.messages == [text]
    assert set(caught.value.params["parts"]) == parts


def test_birth_date_on_the_29th_of_february_exists_in_leap_years_only():
    assert BirthDateField().clean(("29", "2", "1940")).isoformat() == "1940-02-29"
    assert error(BirthDateField(), ("29", "2", "1941")) == "Dieser Monat hatte nur 28 Tage."


def render(form, **context):
    lines = "{% load impftermin %}{% error_summary form %}{% for bound in form %}{% field bound %}{% endfor %}"
    return Template(lines).render(Context({"form": form, **context}))


def test_fields_are_tied_to_their_hints_and_errors():
    page = render(PersonForm({"first_name": "", "birth_date_day": "14", "birth_date_month": "3", "postcode": "1"}))

    assert 'aria-describedby="id_postcode_helptext id_postcode_error"' in page
    assert 'id="id_postcode_error"' in page
    assert 'aria-invalid="true"' in page
    assert 'value="14" autocomplete="bday-day" inputmode="numeric">' in page
    assert 'value="" autocomplete="bday-year" inputmode="numeric" aria-invalid="true">' in page
    assert 'autocomplete="given-name"' in page
    assert "required" not in page


def test_error_summary_links_to_the_part_that_is_wrong():
    form = PersonForm({"first_name": "Ida", "birth_date_day": "14", "birth_date_month": "3", "postcode": "01796"})

    assert [(problem.anchor, problem.label) for problem in summary([form])] == [
        ("id_birth_date_year", "Geburtsdatum"),
        ("id_kind_0", "Art"),
    ]


def test_error_summary_is_empty_for_a_fresh_form():
    assert "kern-alert" not in render(PersonForm())


def test_choices_show_the_consequence_under_the_label():
    page = render(PersonForm())

    assert 'id="id_kind_0-hint">mit Folge</div>' in page
    assert 'aria-describedby="id_kind_0-hint"' in page


def test_what_was_typed_is_shown_again_and_harmless():
    page = render(PersonForm({"first_name": '"><script>alert(1)</script>', "birth_date_day": "<b>"}))

    assert "<script>alert" not in page
    assert 'value="&lt;b&gt;"' in page
