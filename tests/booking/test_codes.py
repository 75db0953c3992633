"""Codes that people read, speak and type."""

import re

from booking import codes


def test_case_number_has_eight_characters_of_one_reading():
    assert all(re.fullmatch(r"[2-9A-HJKMNP-Z]{8}", codes.case_number()) for _ in range(200))


def test_door_code_has_six():
    assert re.fullmatch(r"[2-9A-HJKMNP-Z]{6}", codes.door_code())


def test_draft_key_holds_256_bit():
    assert len(codes.draft_key()) == 43


def test_spoken_groups_by_three():
    assert codes.spoken("K7P4XM92") == "K7P 4XM 92"
    assert codes.spoken("7H4K2M") == "7H4 K2M"


def test_typed_undoes_spoken_in_any_hand():
    assert codes.typed(" k7p-4xm 92 ") == "K7P4XM92"
