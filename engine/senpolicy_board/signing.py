"""A head of the trail that the council has signed: Ed25519, by a key that it keeps, away from the board.

What is signed is a text of two lines, so that anyone can check it by other means, such as openssl (`message`).
"""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from senpolicy.files.problems import WrongUse

#: How long the file of a key, a signed head or a table may be, in bytes.
_MOST = 20_000
_KEY = "Name one of Ed25519, in PEM, as openssl writes it (docs/how-to/run-a-board.md)."
#: How the hash of an entry is written.
HASH = "[0-9a-f]{64}"
#: What a signature does not show, however valid it is.
UNSEEN = (
    "when the head was signed, nor whether a later one was; ask the council which it signed last",
    "who holds the key: where someone who can write to the database can sign too, the signature adds nothing",
)


def message(entry: int, digest: str) -> bytes:
    r"""Return what is signed for the entry with this number and hash.

    >>> message(12, "ab" * 32)[:59]
    b"head of a moderation board's trail\nentry 12: ababababababab"
    """
    return f"head of a moderation board's trail\nentry {entry}: {digest}\n".encode()


def fingerprint(key: Ed25519PublicKey) -> str:
    """Return by what people know a key: "sha256:" and the digest of its 32 bytes."""
    return f"sha256:{hashlib.sha256(key.public_bytes_raw()).hexdigest()}"


@dataclass(frozen=True)
class SignedHead:
    """A head as it was read from the council's file; whether its signature is valid is for `signer` to say."""

    entry: int
    hash: str
    signature: bytes

    def signer(self, key: Path) -> str | None:
        """Return the fingerprint of a public key in a file, None where the signature is not by it.

        Raises `WrongUse` where the file is not a public key of Ed25519.
        """
        try:
            public = load_pem_public_key(content(key))
        except (ValueError, UnsupportedAlgorithm):
            public = None
        if not isinstance(public, Ed25519PublicKey):
            raise WrongUse(f"'{key.name}' is not the file of a public key. {_KEY}")
        try:
            public.verify(self.signature, message(self.entry, self.hash))
        except InvalidSignature:
            return None
        return fingerprint(public)


def sign(key: Path, passphrase: Callable[[], str], entry: int, digest: str) -> str:
    """Return a head signed by the private key in a file, as the text of the council's file; JSON.

    `passphrase` is asked where the key needs one. Raises `WrongUse` where the file is not a private key of Ed25519, or
    the passphrase does not fit.
    """
    held, private = content(key), None
    try:
        try:
            private = load_pem_private_key(held, None)
        except TypeError:
            private = load_pem_private_key(held, passphrase().encode())
    except (TypeError, ValueError, UnsupportedAlgorithm):  # The first where the passphrase is empty.
        private = None
    if not isinstance(private, Ed25519PrivateKey):
        raise WrongUse(f"'{key.name}' is not the file of a private key, or the passphrase does not fit. {_KEY}")
    signature = b64encode(private.sign(message(entry, digest))).decode()
    said = {"entry": entry, "hash": digest, "key": fingerprint(private.public_key()), "signature": signature}
    return json.dumps(said, indent=2) + "\n"


def read(path: Path) -> SignedHead:
    """Return the head that a file holds; raises `WrongUse` where it is not one that `board head --sign` wrote."""
    try:
        said = json.loads(content(path))
        head = SignedHead(said["entry"], said["hash"], b64decode(said["signature"], validate=True))
        if type(head.entry) is int and re.fullmatch(HASH, head.hash):
            return head
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    raise WrongUse(f"'{path.name}' is not a signed head. Name a file that 'senpolicy board head --sign' wrote.")


def content(path: Path) -> bytes:
    """Return what a short file holds; raises `WrongUse` where it cannot be read, or is longer than 20 kB."""
    try:
        with path.open("rb") as file:
            held = file.read(_MOST + 1)
    except OSError as error:
        raise WrongUse(f"'{path.name}' cannot be read: {error.strerror}. Name another file.") from None
    if len(held) > _MOST:
        raise WrongUse(f"'{path.name}' is too large to be meant. Name another file.")
    return held
