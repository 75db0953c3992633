"""Links that are opened twice, by scanners, with a wrong birth date, or too late."""

import http.cookiejar
import io
import re
import urllib.error
import urllib.request
from datetime import date, timedelta

from django.utils import timezone
from pypdf import PdfReader

from booking import codes
from booking.models import AccessLink, Invitation
from booking.services import links
from notifications import printing
from notifications.models import PrintBatch
from tests.factories.staff import UserFactory
from tests.journeys import world

WRONG = date(1938, 3, 15)


def test_a_link_opened_twice_lets_nobody_else_in_and_offers_a_new_one(walker, house):
    person = world.confirmed(now=timezone.now())
    first, second = walker(), walker()
    link = house.mail(person.email, first.word("mail invited")).link
    first.enter(link)
    first.arrive("your turn")

    second.page.goto(link)
    second.arrive("dead link")
    second.reads("Dieser Link wurde schon benutzt.")
    assert person.last_name not in second.page.content()
    second.press("Neuen Link senden lassen")
    second.sees("Bitte sehen Sie in Ihr Postfach")
    second.enter(house.mail(person.email, "Ihr neuer Link").link)
    second.arrive("your turn")


def test_five_wrong_birth_dates_lock_the_link_and_a_new_one_opens(walker, house):
    person, walk = world.confirmed(now=timezone.now()), walker()
    link = house.mail(person.email, walk.word("mail invited")).link

    for _try in range(5):
        walk.page.goto(link)  # a fresh form: the words of the last try say nothing about this one
        walk.arrive("born?")
        walk.birth_date(WRONG)
        with walk.page.expect_response(lambda answer: answer.request.method == "POST") as answer:
            walk.press("open my page")
        assert answer.value.status == 200
        walk.reads("Link oder Code und Geburtsdatum passen nicht zusammen.")
    walk.page.goto(link)
    walk.arrive("dead link")
    walk.reads("Das Geburtsdatum war zu oft falsch.")
    walk.press("Neuen Link senden lassen")
    walk.sees("Bitte sehen Sie in Ihr Postfach")
    walk.enter(house.mail(person.email, "Ihr neuer Link").link)

    walk.arrive("your turn")


def test_a_scanner_that_opens_every_link_changes_nothing(walker, house):
    now, walk = timezone.now(), walker()
    new, invited = world.registered(now=now), world.confirmed(now=now)
    opened = [
        house.mail(new.email, walk.word("mail confirm")).link,
        house.mail(invited.email, walk.word("mail invited")).link,
    ]

    for link in opened:
        for method in ("HEAD", "GET", "GET"):
            assert _scan(link, method) == 200

    new.refresh_from_db()
    assert new.confirmed_at is None
    (untouched,) = AccessLink.objects.filter(registration=invited, purpose="visit")
    assert (untouched.used_at, untouched.failed_tries) == (None, 0)
    walk.page.goto(opened[0])
    walk.arrive("please confirm")
    walk.enter(opened[1])
    walk.arrive("your turn")


def test_a_link_opened_without_cookies_says_what_is_missing(transactional_db, house):
    person = world.confirmed(now=timezone.now())
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    request = urllib.request.Request(  # noqa: S310 - our own
        world.new_link(house.site, person, now=timezone.now()), headers={"Accept-Language": "de"}
    )
    with opener.open(request, timeout=30) as answer:
        page = answer.read().decode()

    assert "Oder Ihr Browser nimmt von dieser Seite keine Cookies an: Bitte erlauben Sie sie." in page
    assert person.last_name not in page


def _scan(link: str, method: str) -> int:
    """What a mail gateway does: open the link, follow where it leads, keep cookies."""
    jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), jar)
    with opener.open(urllib.request.Request(link, method=method), timeout=30) as answer:  # noqa: S310 - our own
        assert "/link/" in answer.url
        assert not answer.url.endswith(link[-20:])
        return answer.status


def test_an_expired_invitation_is_renewed_by_one_press_and_keeps_the_place(walker, house):
    person, walk = world.confirmed(now=timezone.now()), walker()
    past = timezone.now() - timedelta(hours=1)
    Invitation.objects.filter(registration=person).update(issued_at=past - timedelta(days=7), valid_until=past)
    rank = person.rank

    walk.enter(world.new_link(house.site, person, now=timezone.now()))
    walk.sees("Ihre Einladung ist abgelaufen")
    walk.reads("Sie haben nichts verloren")
    walk.press("Einladung erneuern")
    walk.arrive("your turn")
    walk.press("choose a center")
    walk.choose()
    walk.press("book")
    walk.arrive("booked")

    person.refresh_from_db()
    assert person.rank == rank


def test_who_waits_in_group_2_sees_the_line_and_no_date(walker, house):
    born = date(timezone.now().year - 76, 1, 2)
    person, walk = world.confirmed(now=timezone.now(), born=born), walker()

    walk.enter(house.mail(person.email, "Ihre Anmeldung ist bestätigt").link, born=born)
    walk.sees("Sie stehen in der Reihe")

    walk.reads("Gruppe 2")
    assert str(timezone.now().year) not in walk.page.locator("main").inner_text()
    walk.page.goto(f"{house.site}/mein-termin/zentren/")
    walk.sees("Sie stehen in der Reihe")


def test_a_printed_letter_is_typed_from_paper_and_opens_the_page(walker, house):
    now, walk = timezone.now(), walker(axe=True)
    person = world.confirmed(now=now, email="", phone="+493511234567")
    printing.make_now(by=UserFactory(), now=now)
    [batch] = PrintBatch.objects.filter(messages__recipient=person.case_number)
    paper = PdfReader(io.BytesIO(bytes(batch.content)))
    printed = re.findall(r"/link/\s+((?:\w{4} ){3}\w)\b", " ".join(page.extract_text() for page in paper.pages))
    [code] = [found for found in printed if links.find(codes.plain(found)[:-1]).registration == person]

    walk.page.goto(f"{house.site}/link/")
    walk.sees("Code oder Link eingeben")
    walk.page.get_by_label("Ihr Code").fill(code[1] + code[0] + code[2:] if code[0] != code[1] else code[:-1])
    walk.press("Mit dem Code weiter")
    walk.page.get_by_role("alert").first.wait_for()
    walk.watch.look("code misread")
    walk.page.get_by_label("Ihr Code").fill(code.lower())
    walk.press("Mit dem Code weiter")
    walk.arrive("born?")
    assert codes.plain(code) not in walk.page.url
    walk.birth_date()
    walk.press("open my page")

    walk.arrive("your turn")
