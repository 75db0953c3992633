"""Distances are checked against positions whose distance is known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from centers.distance import about, kilometres

DRESDEN, LEIPZIG = (51.0504, 13.7373), (51.3397, 12.3731)


def test_kilometres_between_dresden_and_leipzig():
    assert round(kilometres(*DRESDEN, *LEIPZIG)) == 100


@given(st.floats(-89, 89), st.floats(-180, 180), st.floats(-89, 89), st.floats(-180, 180))
def test_kilometres_are_the_same_both_ways_and_never_negative(north, east, south, west):
    there, back = kilometres(north, east, south, west), kilometres(south, west, north, east)

    assert there >= 0
    assert there == pytest.approx(back, abs=1e-6)


@pytest.mark.parametrize(
    ("distance", "said"), [(0.0, 1), (0.4, 1), (1.6, 2), (19.4, 19), (22.0, 20), (22.6, 25), (53.1, 55), (122.0, 120)]
)
def test_about_is_coarser_the_farther_it_is(distance, said):
    assert about(distance) == said
