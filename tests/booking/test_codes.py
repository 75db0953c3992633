"""Codes: random, readable, and with a check character that notices what people do to them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking import codes

LENGTHS = (codes.CASE_NUMBER_LENGTH, codes.DOOR_CODE_LENGTH, codes.LINK_CODE_LENGTH)
CODES = st.one_of(*(st.text(codes.ALPHABET, min_size=length, max_size=length) for length in LENGTHS))


def test_case_number_has_eight_readable_characters():
    assert all(re.fullmatch(r"[2-9A-HJKMNP-Z]{8}", codes.case_number()) for _ in range(200))


def test_door_code_has_six_readable_characters():
    assert re.fullmatch(r"[2-9A-HJKMNP-Z]{6}", codes.door_code())


def test_draft_key_fits_its_column():
    assert len(codes.draft_key()) == 43


def test_spoken_shows_groups_and_the_check_character():
    assert codes.spoken("K7P4XM92") == "K7P 4XM 92P"
    assert codes.spoken("7H4K2M") == "7H4 K2M2"
    assert codes.spoken("7H4K2MXP9RDW") == "7H4K 2MXP 9RDW Z"


@given(CODES)
def test_typed_undoes_spoken_in_any_hand(code):
    shown = codes.spoken(code)
    for hand in (shown, shown.lower(), shown.replace(" ", "-"), f" {code} ", code.lower(), codes.checked(code)):
        assert codes.typed(hand, length=len(code)) == code


@given(CODES, st.data())
def test_every_single_wrong_character_is_noticed(code, data):
    whole = codes.checked(code)
    place = data.draw(st.integers(0, len(whole) - 1))
    wrong = data.draw(st.sampled_from([letter for letter in codes.ALPHABET if letter != whole[place]]))
    with pytest.raises(codes.Misread):
        codes.typed(whole[:place] + wrong + whole[place + 1 :], length=len(code))


@given(CODES, st.data())
def test_every_swap_of_two_characters_is_noticed(code, data):
    whole = list(codes.checked(code))
    one, other = data.draw(st.lists(st.integers(0, len(whole) - 1), min_size=2, max_size=2, unique=True))
    swapped = whole.copy()
    swapped[one], swapped[other] = whole[other], whole[one]
    if swapped == whole:
        assert codes.typed("".join(swapped), length=len(code)) == code
        return
    with pytest.raises(codes.Misread):
        codes.typed("".join(swapped), length=len(code))


@pytest.mark.parametrize("text", ["", "K7P4XM9", "K7P4XM92PX", "K7P4XM9O", "K7P4XM9!", "ÄÖÜÄÖÜÄÖ", "\0" * 8])
def test_what_can_be_no_code_is_none(text):
    assert codes.typed(text, length=codes.CASE_NUMBER_LENGTH) == ""
