"""Random codes that people read, speak and type, and keys that they never see."""

import secrets

# No 0/O, 1/I/L: what is read from a paper or heard on the telephone must have one reading.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CASE_NUMBER_LENGTH = 8
DOOR_CODE_LENGTH = 6
_IGNORED = dict.fromkeys(map(ord, " -.\t\u00a0\u202f"))


def case_number() -> str:
    """A new case number (Vorgangsnummer), 8 characters, 8.5 * 10^11 of them. It opens nothing by itself."""
    return _random(CASE_NUMBER_LENGTH)


def door_code() -> str:
    """A new code for the door and the QR code, 6 characters, without any meaning."""
    return _random(DOOR_CODE_LENGTH)


def draft_key() -> str:
    """A new key of a draft: 256 bit, 43 characters fit for a cookie."""
    return secrets.token_urlsafe(32)


def spoken(code: str) -> str:
    """The code in groups of three: "K7P4XM92" is shown and read out as "K7P 4XM 92"."""
    return " ".join(code[start : start + 3] for start in range(0, len(code), 3))


def typed(text: str) -> str:
    """The code that was meant by what a person typed: groups, hyphens and small letters do not matter."""
    return text.translate(_IGNORED).upper()


def _random(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))
