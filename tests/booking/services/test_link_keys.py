"""After LINK_KEY has changed: what was sent is void, what is built from now on is good."""

from datetime import timedelta

import pytest
from django.core.management import call_command

from booking.models import AccessLink
from booking.services import link_keys, links
from tests.factories import NOW
from tests.factories.people import RegistrationFactory, visit_link

pytestmark = pytest.mark.django_db

OTHER_KEY = "another-key-of-links-" + "0123456789abcdef" * 4


def test_a_new_key_alone_voids_nothing_and_breaks_what_is_built_later(settings):
    link = visit_link(RegistrationFactory())
    sent = links.token(link)
    settings.LINK_KEY = OTHER_KEY

    assert links.find(sent) == link
    assert links.find(links.token(link)) is None


def test_links_that_were_sent_are_void_and_the_same_message_sent_again_opens(settings):
    confirm = links.issue(registration=RegistrationFactory(unconfirmed=True), purpose="confirm", now=NOW)
    visit = visit_link(RegistrationFactory())
    sent = [links.token(link) for link in (confirm, visit)]
    settings.LINK_KEY = OTHER_KEY

    assert link_keys.follow(now=NOW) == 2

    assert [links.find(token) for token in sent] == [None, None]
    assert [links.find(links.token(link)) for link in (confirm, visit)] == [confirm, visit]


def test_the_code_of_a_letter_follows_as_well(settings):
    link = visit_link(RegistrationFactory())
    printed = links.code(link).replace(" ", "")[:-1]
    assert links.find(printed) == link
    settings.LINK_KEY = OTHER_KEY

    link_keys.follow(now=NOW)

    assert links.find(printed) is None
    link.refresh_from_db()
    assert links.find(links.code(link).replace(" ", "")[:-1]) == link


def test_it_may_run_again_and_leaves_what_is_over_alone(settings, monkeypatch):
    monkeypatch.setattr(link_keys, "AT_ONCE", 2)
    made = [visit_link(RegistrationFactory()) for _ in range(5)]
    AccessLink.objects.filter(pk=made[0].pk).update(used_at=NOW)
    AccessLink.objects.filter(pk=made[1].pk).update(created_at=NOW - timedelta(days=9), valid_until=NOW)
    settings.LINK_KEY = OTHER_KEY

    assert link_keys.follow(now=NOW) == 3
    assert link_keys.follow(now=NOW) == 0
    assert {link.pk for link in made if links.find(links.token(link))} == {link.pk for link in made[2:]}


def test_a_try_that_is_counted_meanwhile_stays_counted(settings):
    link = visit_link(RegistrationFactory())
    settings.LINK_KEY = OTHER_KEY
    stale = [AccessLink.objects.get(pk=link.pk)]
    AccessLink.objects.filter(pk=link.pk).update(failed_tries=3)

    link_keys._bring(stale)

    link.refresh_from_db()
    assert link.failed_tries == 3


def test_a_code_that_a_letter_gets_meanwhile_opens(settings):
    link = visit_link(RegistrationFactory())
    settings.LINK_KEY = OTHER_KEY
    stale = [AccessLink.objects.get(pk=link.pk)]
    printed = links.code(link).replace(" ", "")[:-1]

    link_keys._bring(stale)

    assert links.find(printed) == link


def test_the_command_says_how_many(settings, capsys):
    links.issue(registration=RegistrationFactory(unconfirmed=True), purpose="confirm", now=NOW)
    settings.LINK_KEY = OTHER_KEY
    links.issue(registration=RegistrationFactory(unconfirmed=True), purpose="confirm", now=NOW)

    call_command("follow_link_key")

    assert capsys.readouterr().out.startswith("1 links")
