"""Keys made from the instance's secret key: to hide what must be read again, and to recognise what must not be kept."""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from datetime import datetime
from ipaddress import ip_address, ip_network

from cryptography.fernet import Fernet, InvalidToken

from assessment.tenancy.contact import compared

PREFIX = {4: 24, 6: 64}
"""How much of a visitor's address counts as one place: a network, not a person."""


class Sealed(Exception):
    """What was sealed cannot be opened: the secret key is another one than when it was stored."""


class Vault:
    """One instance's keys, each for one use, all from the one secret key."""

    def __init__(self, secret_key: str) -> None:
        self._secret = secret_key.encode()
        self._fernet = Fernet(urlsafe_b64encode(self._key("seal")))

    def _key(self, use: str) -> bytes:
        return hmac.digest(self._secret, b"assessment:" + use.encode(), "sha256")

    def seal(self, text: str) -> str:
        """The text, readable only with the secret key."""
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """What was sealed. Raises Sealed."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise Sealed(
                "a stored secret cannot be read: ASSESSMENT_SECRET_KEY is not the one it was stored with; "
                "bring that key back, or give the endpoint a new secret"
            ) from None

    def address_hash(self, address: str) -> str:
        """The same address always gives the same hash, and nobody without the key can tell which it was."""
        return hmac.new(self._key("address"), compared(address).encode("utf-8", "replace"), "sha256").hexdigest()

    def place(self, kind: str, remote: str, now: datetime) -> str:
        """A visitor's network for rate limits: a hash that changes every day, so that no trace outlives it."""
        try:
            version = ip_address(remote).version
            network = str(ip_network(f"{remote}/{PREFIX[version]}", strict=False))
        except ValueError:
            network = "unknown"
        day = now.date().isoformat()
        return hashlib.sha256(self._key("place") + f"{day}|{kind}|{network}".encode()).hexdigest()
