"""Several people write the supply of one center at once."""

from functools import partial

import pytest

from centers.models import Delivery, Waste
from centers.supply import services
from centers.supply.services import Content, Loss
from tests.concurrency import run_at_once, tally
from tests.factories.staff import UserFactory
from tests.factories.supply import DeliveryFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def who(world):
    return {"by": UserFactory(at=[world.center]), "now": world.now}


def test_a_delivery_that_is_sent_eight_times_is_entered_once(world, who):
    content = Content(390, world.day(5), "expected")
    enter = partial(services.enter_delivery, center=world.center, vaccine=world.one_dose, content=content, **who)

    assert tally(run_at_once([enter] * 8)) == {"done": 1, "again": 7}
    assert Delivery.objects.count() == 1


def test_of_eight_editors_one_is_first_and_seven_are_shown_what_she_wrote(world, who):
    delivery = DeliveryFactory(center=world.center, vaccine=world.one_dose, due_on=world.day(5), expected=True)
    wanted = [Content(100 + number, world.day(6), "confirmed") for number in range(8)]
    change = partial(services.change_delivery, delivery=delivery, version=1, **who)

    answers = run_at_once([partial(change, content=content) for content in wanted])

    assert tally(answers) == {"done": 1, "changed_meanwhile": 7}
    delivery.refresh_from_db()
    assert (delivery.version, services.content_of(delivery) in wanted) == (2, True)


def test_no_more_is_lost_than_came(world, who):
    DeliveryFactory(center=world.center, vaccine=world.one_dose, doses=30, due_on=world.day(-1))
    losses = [Loss(world.one_dose, 10, world.day(0), f"Flasche {number}") for number in range(8)]
    record = partial(services.record_waste, center=world.center, **who)

    answers = run_at_once([partial(record, loss=loss) for loss in losses])

    assert tally(answers) == {"done": 3, "doses": 5}
    assert Waste.objects.count() == 3
