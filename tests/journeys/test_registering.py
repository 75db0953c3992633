"""Registering when something is missing: e-mail, telephone, cookies, time, or a willing provider."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from booking import codes
from booking.models import Draft, Registration
from tests.journeys import world
from tests.journeys.walk import Walk


def to_contact(walk: Walk) -> None:
    """As far as "how do we reach you?"."""
    walk.check()
    walk.arrive("who")
    walk.fill_in_person()
    walk.press("continue")
    walk.arrive("contact")


def test_a_draft_that_has_run_out_says_so_and_begins_anew(walker, house):
    walk = walker()
    to_contact(walk)
    past = timezone.now() - timedelta(minutes=1)
    Draft.objects.filter(submitted_at=None).update(created_at=past - timedelta(hours=2), expires_at=past)

    walk.fill("e-mail", walk.email)
    walk.press("continue")
    walk.sees("Bitte beginnen Sie noch einmal")
    walk.reads("Es wurde nichts abgeschickt.")
    walk.press("Anmeldung neu beginnen")

    walk.arrive("who")


def test_by_telephone_alone_it_counts_after_a_call(walker, house):
    walk = walker(scripts=False, width=320)
    to_contact(walk)
    walk.page.get_by_label("Telefon oder Handy").fill("03501 123456")
    walk.press("continue")
    walk.arrive("right?")
    walk.reads("+49 3501 123456")
    walk.press("register now")
    walk.sees("Bitte bestätigen Sie am Telefon")

    number = walk.page.locator("main strong.nowrap").inner_text()
    made = Registration.objects.latest("pk")
    assert codes.checked(made.case_number) == re.sub(r"\s", "", number)
    assert (made.email, made.confirmed_at) == ("", None)


def test_without_any_contact_the_hotline_stands_there_and_everything_is_kept(walker, house):
    walk = walker()
    to_contact(walk)
    walk.watch.axe = True
    people = Registration.objects.count()
    walk.page.get_by_text("Ich bringe eine Begleitperson mit").click()
    walk.press("continue")

    walk.page.get_by_role("alert").wait_for()
    walk.reads("Rufen Sie uns bitte an")
    walk.watch.look("no contact")
    assert walk.page.title().startswith("Fehler:")
    expect(walk.page.get_by_label("Ich bringe eine Begleitperson mit")).to_be_checked()
    assert Registration.objects.count() == people
    walk.page.get_by_role("link", name="Zurück: Person und Anschrift").click()
    walk.arrive("who")
    expect(walk.page.get_by_label("Nachname")).to_have_value(walk.last_name)


def test_without_cookies_a_page_says_what_is_missing(walker, house):
    walk = walker(scripts=False)
    walk.page.goto(f"{house.site}/anmelden/")
    walk.arrive("who")
    walk.page.context.clear_cookies()
    walk.fill_in_person()
    walk.birth_date()
    walk.press("continue")

    walk.sees("Bitte senden Sie das Formular noch einmal")
    walk.reads("Ihr Browser nimmt keine Cookies an.")
    assert not Draft.objects.filter(data__last_name=walk.last_name, data__street__contains=walk.email[5:7]).exists()


def test_registering_twice_shows_the_same_and_writes_to_the_stored_contact_only(walker, house):
    first, second = walker(), walker()
    second.first_name = first.first_name
    screens = []
    for walk in (first, second):
        to_contact(walk)
        walk.page.go_back()
        walk.arrive("who")
        walk.fill("street", f"Zwillingsweg {first.email[5:-12]}")
        walk.press("continue")
        walk.arrive("contact")
        walk.fill("e-mail", walk.email)
        walk.press("continue")
        walk.arrive("right?")
        walk.press("register now")
        expect(walk.page.get_by_role("heading", level=1)).to_have_text(
            re.compile("Ihre E-Mail ist unterwegs|Wir haben Ihnen eine E-Mail geschickt")
        )
        house.mail(first.email, first.word("mail confirm"))
        walk.page.reload()
        expect(walk.page.get_by_role("heading", level=1)).to_have_text(walk.word("sent"))
        screens.append(_without_numbers(walk))

    house.mail(first.email, "Sie sind bereits angemeldet")
    assert screens[0] == screens[1]
    assert house.inbox(second.email) == []


def _without_numbers(walk: Walk) -> str:
    """The page's words without her address, case number and the time of day."""
    words = walk.page.locator("main").inner_text().replace(walk.email, "").replace("\u00a0", " ")
    return re.sub(r"\b\w{3} \w{3} \w{3}\b|\d{1,2}:\d{2} Uhr", "", words)


@pytest.mark.parametrize(
    ("answer", "heading", "advice"),
    [
        ("451 4.7.1 come back later", "Ihre E-Mail kommt später", "Sie wollen nicht warten?"),
        ("550 5.1.1 no such user", "Ihre E-Mail konnte nicht zugestellt werden", "Geben Sie eine andere Adresse an."),
    ],
    ids=["late", "refused"],
)
def test_a_provider_that_does_not_take_the_mail_is_named_and_another_address_helps(
    walker, house, answer, heading, advice
):
    walk = walker(width=320)
    provider = f"anbieter{answer[:3]}.example"
    house.mails.providers.answer[provider] = answer
    to_contact(walk)
    walk.email, better = world.new_email(provider), walk.email
    walk.fill("e-mail", walk.email)
    walk.press("continue")
    walk.arrive("right?")
    walk.press("register now")
    house.until(lambda: house.drained() or house.mails.providers.tries[walk.email])
    walk.watch.axe = True
    walk.sees(heading)  # the page asks by itself
    walk.reads(provider)
    walk.reads(advice)
    expect(walk.page.get_by_role("button", name="E-Mail noch einmal senden")).to_have_count(0)

    walk.press("Andere E-Mail-Adresse angeben")
    walk.sees("An welche Adresse sollen wir schreiben?")
    walk.page.get_by_label("Neue E-Mail-Adresse").fill(better)
    walk.press("E-Mail an diese Adresse senden")
    link = house.mail(better, walk.word("mail confirm")).link
    walk.arrive("sent")
    walk.page.goto(link)
    walk.arrive("please confirm")
    walk.press("confirm")

    walk.arrive("invited")
