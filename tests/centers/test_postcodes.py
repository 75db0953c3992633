"""The district of a postcode: the longest beginning counts, in Python and in the statement that registers somebody."""

import pytest

from centers import postcodes
from centers.models import PostcodeArea
from tests.booking.services.registering import register
from tests.factories.supply import DistrictFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("postcode", "ags"), [("01796", "14628"), ("01069", "14612"), ("01701", "14627"), ("99999", None), ("", None)]
)
def test_the_longest_known_beginning_counts(postcode, ags):
    PostcodeArea.objects.create(prefix="01", district=DistrictFactory(ags="14612"))
    PostcodeArea.objects.create(prefix="017", district=DistrictFactory(ags="14628"))
    PostcodeArea.objects.create(prefix="01701", district=DistrictFactory(ags="14627"))

    found = postcodes.district_of(postcode)

    assert (found.ags if found else None) == ags
    if postcode:
        assert register(postcode=postcode).district_id == ags
