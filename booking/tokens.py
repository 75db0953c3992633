"""The secret of an access link: made from its nonce, kept only as a hash. And the short one for paper (ADR 26).

256 bits by HMAC-SHA256 under LINK_KEY: the database alone opens nothing, and a message built later, or sent again,
carries the same link. The short code is made in the same way, with a domain of its own. It has 59 bits, few enough to
try them all against a plain hash: what is kept of it is keyed, too.
"""

import base64
import hashlib
import hmac
from uuid import UUID

from django.conf import settings

from booking import codes

_CODE, _CODE_HASH = b"letter code ", b"letter code hash "


def secret(nonce: UUID) -> str:
    """The token of the link with this nonce: 43 characters, safe in a URL."""
    return base64.urlsafe_b64encode(_keyed(nonce.bytes)).rstrip(b"=").decode()


def hash_of(token: str) -> str:
    """What the database keeps of a token: SHA-256 in hex."""
    return hashlib.sha256(token.encode()).hexdigest()


def code(nonce: UUID) -> str:
    """The code by which a letter names the same link: 12 characters that a person can type, without check character."""
    number = int.from_bytes(_keyed(_CODE + nonce.bytes))
    letters = []
    for _place in range(codes.LINK_CODE_LENGTH):
        number, value = divmod(number, len(codes.ALPHABET))
        letters.append(codes.ALPHABET[value])
    return "".join(letters)


def code_hash_of(code: str) -> str:
    """What the database keeps of a code: HMAC-SHA256 in hex, so that a copy of it cannot be searched."""
    return _keyed(_CODE_HASH + code.encode()).hex()


def _keyed(text: bytes) -> bytes:
    return hmac.new(settings.LINK_KEY.encode(), text, hashlib.sha256).digest()
