"""What the database makes of a stored name is what booking/identity.py makes of a typed one."""

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from booking import identity

NAMES = [
    "Ursula Müller-Arnold", "MUELLER", "0´0", "Παπαδόπουλος", "Weiß",
    "WEISS", "O'Neill", "d’Alembert", "von der Heide", "Jörg-Uwe", "Łukasz",
    "Sørensen", "Đoàn", "Þór", "Æneas", "Œuvre", "İnan", "ſoße", "Straßer ß", "Çelik", "Dvořák", "Nguyễn", "Müe", "ÄÖÜ",
    "Maeer", "Hans2", "  ", "", "Müller", "ﬁn", "Dr. med. Groß", "Meyer/Schulz", "Ång\u0301ström", "ǆ", "ẞ",
]  # fmt: skip
# What people's names are written with, and what comes along when they are copied.
TEXT = st.text(
    st.one_of(
        st.characters(codec="latin-1", exclude_characters="\0"),
        st.characters(min_codepoint=0x100, max_codepoint=0x24F),
        st.characters(min_codepoint=0x1E00, max_codepoint=0x1EFF),
        st.sampled_from("'’‘´`ʼ-–\u00ad\u200b\u00a0\u0301\u0308ßẞſıİﬁﬂΣςдЖ"),
    ),
    max_size=25,
)


def stored(name):
    with connection.cursor() as cursor:
        cursor.execute("SELECT search_key(%s)", [name])
        return cursor.fetchone()[0]


@pytest.mark.django_db
@pytest.mark.parametrize("name", NAMES)
def test_a_stored_name_is_folded_as_a_typed_one(name):
    assert stored(name) == "".join(f" {word}" for word in identity.words(name))


@pytest.mark.django_db
@settings(max_examples=300)
@given(TEXT)
def test_any_stored_name_is_folded_as_a_typed_one(name):
    assert stored(name) == "".join(f" {word}" for word in identity.words(name))
