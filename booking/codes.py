"""Random codes that people read, speak and type, and keys that they never see.

What is shown and spoken ends with a check character, which is computed and never stored: a mistake in typing or hearing
is noticed before anybody is looked up. A code without it (a QR code, a paper of before) means the same.
"""

import secrets

# No 0/O, 1/I/L: what is read from a paper or heard on the telephone must have one reading.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CASE_NUMBER_LENGTH = 8
DOOR_CODE_LENGTH = 6
LINK_CODE_LENGTH = 12
_IGNORED = dict.fromkeys(map(ord, " -.\t\u00a0\u202f"))
_CUTS = {CASE_NUMBER_LENGTH: (0, 3, 6), DOOR_CODE_LENGTH: (0, 3), LINK_CODE_LENGTH: (0, 4, 8, 12)}
_VALUES = {letter: value for value, letter in enumerate(ALPHABET)}


class Misread(ValueError):
    """The check character does not fit the others: somewhere in the code is a mistake."""


def case_number() -> str:
    """A new case number (Vorgangsnummer), 8 characters, 8.5 * 10^11 of them. It opens nothing by itself."""
    return _random(CASE_NUMBER_LENGTH)


def door_code() -> str:
    """A new code for the door and the QR code, 6 characters, without any meaning."""
    return _random(DOOR_CODE_LENGTH)


def draft_key() -> str:
    """A new key of a draft: 256 bit, 43 characters fit for a cookie."""
    return secrets.token_urlsafe(32)


def checked(code: str) -> str:
    """The code with its check character: every single wrong character and every swap of two then shows.

    The characters are numbers below the prime 31, weighted 1, 2, 3 ..., the check character by -1: no two weights are
    the same and none is 0, so that neither one change nor one swap leaves the sum where it was.
    """
    total = sum(weight * _VALUES[letter] for weight, letter in enumerate(code, start=1))
    return code + ALPHABET[total % len(ALPHABET)]


def spoken(code: str) -> str:
    """A code as it is shown and read out, with check character: K7P 4XM 92P, 7H4 K2M2 and 7H4K 2MXP 9RDW Z."""
    whole = checked(code)
    cuts = _CUTS[len(code)]
    return " ".join(whole[start:end] for start, end in zip(cuts, (*cuts[1:], len(whole)), strict=True))


def plain(text: str) -> str:
    """What was typed, without groups and hyphens, in capitals."""
    return text.translate(_IGNORED).upper()


def typed(text: str, *, length: int) -> str:
    """The code of `length` characters that was meant, with or without its check character; "" where it can be none.

    Groups, hyphens and small letters do not matter. Raises Misread when the check character does not fit.
    """
    code = plain(text)
    if len(code) not in (length, length + 1) or not _VALUES.keys() >= set(code):
        return ""
    if len(code) > length and checked(code[:length]) != code:
        raise Misread
    return code[:length]


def _random(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))
