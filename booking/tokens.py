"""The secret of an access link: made from its nonce, kept only as a hash.

256 bits by HMAC-SHA256 under LINK_KEY: the database alone opens nothing, and a message built later, or sent again,
carries the same link.
"""

import base64
import hashlib
import hmac
from uuid import UUID

from django.conf import settings


def secret(nonce: UUID) -> str:
    """The token of the link with this nonce: 43 characters, safe in a URL."""
    digest = hmac.new(settings.LINK_KEY.encode(), nonce.bytes, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def hash_of(token: str) -> str:
    """What the database keeps of a token: SHA-256 in hex."""
    return hashlib.sha256(token.encode()).hexdigest()
