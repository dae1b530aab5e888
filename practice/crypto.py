"""AES-GCM sealing of free text, with the row and field as associated data and a keyring read from files.

Layout of a sealed value: version byte 1 · length of the key's name · key's name · 12-byte nonce · ciphertext and tag.
The associated data is ``app.model|field|row id``: a value copied into another row or column does not open.
Adding a key: put a new file into ``FIELD_KEYS_DIR``; the last name in sorted order seals, all of them open.
"""

import base64
import binascii
import os
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

VERSION = 1
NONCE_BYTES = 12


class CannotOpen(Exception):
    """A sealed value that no key of the ring opens, or that was moved from its row. Never swallowed."""


class Keyring:
    """Named 256-bit keys. Raises ``ImproperlyConfigured`` naming the folder or file that is wrong."""

    def __init__(self, folder: Path) -> None:
        self.keys = {path.name: AESGCM(_read_key(path)) for path in sorted(folder.glob("*")) if path.is_file()}
        if not self.keys:
            raise ImproperlyConfigured(f"FIELD_KEYS_DIR: no key file in {folder}; run `make setup` or add one")
        self.primary = max(self.keys)

    def seal(self, text: str, context: str) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        name = self.primary.encode()
        header = bytes([VERSION, len(name)]) + name + nonce
        return header + self.keys[self.primary].encrypt(nonce, text.encode(), context.encode())

    def open(self, sealed: bytes, context: str) -> str:
        try:
            version, length = sealed[0], sealed[1]
            name = sealed[2 : 2 + length].decode()
            nonce = sealed[2 + length : 2 + length + NONCE_BYTES]
            body = sealed[2 + length + NONCE_BYTES :]
        except (IndexError, UnicodeDecodeError):
            raise CannotOpen("not a sealed value") from None
        if version != VERSION or name not in self.keys:
            raise CannotOpen("sealed with a key that is not in the ring")
        try:
            return self.keys[name].decrypt(nonce, body, context.encode()).decode()
        except InvalidTag:
            raise CannotOpen("wrong key, or the value was changed or moved") from None


def _read_key(path: Path) -> bytes:
    try:
        key = base64.b64decode(path.read_text().strip(), validate=True)
    except (binascii.Error, ValueError, OSError):
        raise ImproperlyConfigured(f"FIELD_KEYS_DIR: {path.name} is not base64") from None
    if len(key) != 32 or len(path.name.encode()) > 255:
        raise ImproperlyConfigured(f"FIELD_KEYS_DIR: {path.name} must hold 32 bytes in base64")
    return key


@lru_cache(maxsize=4)
def _ring(folder: str) -> Keyring:
    return Keyring(Path(folder))


def keyring() -> Keyring:
    """The ring of this process (read once)."""
    return _ring(str(settings.FIELD_KEYS_DIR))


def seal_bytes(data: bytes, context: str) -> bytes:
    """Seal a file's bytes (reports at rest) with the same ring."""
    return keyring().seal(base64.b64encode(data).decode(), context)


def open_bytes(sealed: bytes, context: str) -> bytes:
    return base64.b64decode(keyring().open(sealed, context))
