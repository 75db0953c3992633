"""The command that invites by hand, and the tasks that do it every minute."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from booking import tasks
from booking.models import Draft, Invitation
from booking.services import drafts, upkeep
from tests.factories import NOW
from tests.factories.demand import OpeningFactory, RegulationFactory
from tests.factories.people import InvitationFactory, RegistrationFactory
from tests.factories.supply import SlotFactory, VaccineFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def _three_wait_for_three_places():
    RegulationFactory()
    OpeningFactory()
    SlotFactory(starts_at=timezone.now() + timedelta(days=3), session__vaccine=VaccineFactory(single=True), capacity=3)
    RegistrationFactory.create_batch(2)
    RegistrationFactory(email="")


def run(*args):
    out = StringIO()
    call_command("invite_next", *args, stdout=out)
    return out.getvalue()


@pytest.mark.usefixtures("_three_wait_for_three_places")
def test_invite_next_says_what_it_would_do():
    answer = run("--limit", "10", "--dry-run")

    assert answer.startswith("3 people would be invited.")
    assert "Free series before: 3." in answer
    assert "Told by letter: 1." in answer
    assert not Invitation.objects.exists()


@pytest.mark.usefixtures("_three_wait_for_three_places")
def test_invite_next_invites_up_to_the_limit():
    assert run("--limit", "1").startswith("1 person invited.")
    assert Invitation.objects.count() == 1


@pytest.mark.parametrize("limit", ["0", "-1", "many"])
def test_invite_next_refuses_a_senseless_limit(limit):
    with pytest.raises(CommandError):
        run(f"--limit={limit}")


@pytest.mark.usefixtures("_three_wait_for_three_places")
def test_invite_task_invites():
    tasks.invite()
    tasks.invite()

    assert Invitation.objects.count() == 3


def test_tend_closes_what_is_over():
    InvitationFactory(expired=True)
    drafts.start(data={}, now=NOW)

    done = upkeep.tend(now=NOW + timedelta(days=1))

    assert {name: number for name, number in done.items() if number} == {"expired": 1, "drafts": 1}
    assert not Draft.objects.exists()


def test_tend_goes_on_when_one_deed_fails(monkeypatch, caplog):
    InvitationFactory(expired=True)
    monkeypatch.setattr(upkeep.drafts, "sweep", lambda *, now: 1 / 0)

    assert upkeep.tend(now=NOW)["expired"] == 1
    assert "drafts failed" in caplog.text


def test_tend_task_runs_on_an_empty_database():
    tasks.tend()
