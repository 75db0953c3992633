import io
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import translation
from pypdf import PdfReader

from accounts.models import AuditEvent
from accounts.refusals import Refused
from booking import tasks
from booking.door import paper
from booking.models import Appointment, PaperPack
from booking.services import paper as packs
from centers.models import Center, Session
from tests.factories import NOW
from tests.factories.demand import RegulationFactory
from tests.factories.door import AppointmentFactory, single_slot
from tests.factories.staff import UserFactory
from tests.factories.supply import CenterFactory, SessionFactory, VaccineFactory

pytestmark = pytest.mark.django_db

TODAY = NOW.date()
TOMORROW = TODAY + timedelta(days=1)
LATER = timedelta(minutes=61)


@pytest.fixture
def center():
    RegulationFactory()
    return CenterFactory(name="Riesa")


@pytest.fixture
def slot(center):
    return single_slot(
        session=SessionFactory(center=center, vaccine=VaccineFactory(single=True), date=TODAY),
        starts_at=NOW,
        capacity=9,
    )


def pack_of(center, day=TODAY) -> PaperPack:
    return PaperPack.objects.get(center=center, day=day)


def text_of(pack: PaperPack) -> str:
    pages = PdfReader(io.BytesIO(bytes(pack.content))).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_today_and_tomorrow_are_due_where_a_session_is(center, slot):
    SessionFactory(center=center, date=TOMORROW)
    SessionFactory(center=center, date=TODAY + timedelta(days=2))
    SessionFactory(date=TODAY, state=Session.State.DRAFT)

    assert paper.due(now=NOW) == [(center, TODAY), (center, TOMORROW)]


def test_the_job_makes_what_is_due_and_nothing_twice(center, slot):
    AppointmentFactory(slot=slot, registration__last_name="Kunze")

    assert packs.make_due(now=NOW) == 1
    assert packs.make_due(now=NOW + timedelta(minutes=59)) == 0

    pack = pack_of(center)
    assert (pack.made_at, pack.checked_at, pack.appointments) == (NOW, NOW, 1)
    assert "Kunze, Ingeborg" in text_of(pack)
    assert not AuditEvent.objects.filter(action="paper_pack.made").exists()


def test_an_hour_later_the_same_list_is_checked_and_the_paper_stays(center, slot):
    AppointmentFactory(slot=slot)
    packs.make_due(now=NOW)
    before = bytes(pack_of(center).content)

    assert packs.make_due(now=NOW + LATER) == 1

    pack = pack_of(center)
    assert (pack.made_at, pack.checked_at) == (NOW, NOW + LATER)
    assert bytes(pack.content) == before


def test_an_hour_later_a_changed_list_is_new_paper(center, slot):
    AppointmentFactory(slot=slot)
    packs.make_due(now=NOW)
    AppointmentFactory(slot=slot, registration__last_name="Nachzügler")

    packs.make_due(now=NOW + LATER)

    pack = pack_of(center)
    assert (pack.made_at, pack.appointments) == (NOW + LATER, 2)
    assert "Nachzügler, Ingeborg" in text_of(pack)
    assert paper.made_at(center.pk, TODAY) == NOW + LATER


def test_a_person_gets_new_paper_though_nothing_changed_and_it_is_on_record(center, slot):
    packs.make_due(now=NOW)
    user = UserFactory()

    packs.make(center=center, day=TODAY, by=user, now=NOW + timedelta(minutes=5))

    assert pack_of(center).made_at == NOW + timedelta(minutes=5)
    event = AuditEvent.objects.get(action="paper_pack.made")
    assert (event.actor, event.subject) == (user, center.public_id)
    assert event.details == {"day": "2021-02-16", "rows": 0}


def test_the_paper_is_german_whatever_the_reader_speaks(center, slot):
    with translation.override("en"):
        packs.make(center=center, day=TODAY, by=UserFactory(), now=NOW)

    assert "Papiermappe für Dienstag, 16. Februar 2021" in text_of(pack_of(center))


def test_of_two_at_once_the_later_moment_stays(center, slot):
    packs.make(center=center, day=TODAY, by=UserFactory(), now=NOW + LATER)
    AppointmentFactory(slot=slot)

    packs.make(center=center, day=TODAY, by=None, now=NOW)

    assert (pack_of(center).made_at, pack_of(center).appointments) == (NOW + LATER, 0)


def test_packs_are_deleted_once_their_day_is_over(center, slot):
    packs.make_due(now=NOW)
    packs.make(center=center, day=TOMORROW, by=None, now=NOW)

    assert packs.sweep(now=NOW.replace(hour=22, minute=59)) == 0
    assert packs.sweep(now=NOW.replace(hour=23, minute=1)) == 1  # 0:01 in Berlin
    assert [pack.day for pack in PaperPack.objects.all()] == [TOMORROW]


def test_a_pack_that_fails_does_not_stop_the_others(center, slot, caplog):
    other = SessionFactory(date=TODAY).center
    Center.objects.filter(pk=center.pk).update(kind="no such kind")

    packs.make_due(now=NOW)

    assert [pack.center for pack in PaperPack.objects.all()] == [other]
    assert f"paper pack of center {center.pk} for 2021-02-16 failed" in caplog.text


def test_one_run_makes_so_many_and_the_next_one_goes_on(center, slot):
    SessionFactory(date=TODAY)
    SessionFactory(date=TODAY)

    assert [packs.make_due(now=NOW, limit=2), packs.make_due(now=NOW, limit=2)] == [2, 1]
    assert PaperPack.objects.count() == 3


def test_reading_is_on_record_and_without_a_pack_it_says_what_to_do(center, slot):
    user = UserFactory()
    with pytest.raises(Refused, match="noch keine Papiermappe"):
        packs.read(center=center, day=TODAY, by=user, now=NOW)
    packs.make_due(now=NOW)

    pack = packs.read(center=center, day=TODAY, by=user, now=NOW)

    assert bytes(pack.content).startswith(b"%PDF")
    event = AuditEvent.objects.get(action="paper_pack.read")
    assert (event.actor, event.subject) == (user, center.public_id)
    assert event.details == {"day": "2021-02-16", "rows": 0, "made_at": NOW.isoformat()}


def test_beat_and_the_command_do_the_same(center, slot, time_machine, capsys):
    time_machine.move_to(NOW, tick=False)
    tasks.make_paper_packs()
    assert pack_of(center).made_at == NOW

    PaperPack.objects.all().delete()
    call_command("make_paper_packs")
    call_command("make_paper_packs")

    assert capsys.readouterr().out.splitlines() == [
        "2021-02-16 Riesa: as of 10:00",
        "All packs have been checked within the last hour.",
    ]


def test_the_query_count_does_not_grow_with_the_people(center, slot, django_assert_num_queries):
    AppointmentFactory(slot=slot)
    packs.make(center=center, day=TODAY, by=None, now=NOW)
    AppointmentFactory.create_batch(3, slot=slot)
    with django_assert_num_queries(8):
        packs.make(center=center, day=TODAY, by=None, now=NOW + LATER)
    assert Appointment.objects.count() == 4


@pytest.mark.parametrize(
    "wrong",
    [
        {"content": b""},
        {"fingerprint": "x" * 64},
        {"checked_at": NOW - timedelta(seconds=1)},
    ],
)
def test_the_database_refuses_a_pack_that_cannot_be(center, wrong):
    values = {"made_at": NOW, "checked_at": NOW, "fingerprint": "0" * 64, "appointments": 0, "content": b"%PDF"}
    with pytest.raises(IntegrityError), transaction.atomic():
        PaperPack.objects.create(center=center, day=TODAY, **(values | wrong))
    PaperPack.objects.create(center=center, day=TODAY, **values)
    with pytest.raises(IntegrityError), transaction.atomic():
        PaperPack.objects.create(center=center, day=TODAY, **values)
