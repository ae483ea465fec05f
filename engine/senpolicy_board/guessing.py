"""How often somebody may guess at a password: a wait that grows with each failure, for each name and source address.

A lock of an account can be aimed at its holder by whoever knows the name. A wait counts who guesses, not at whom: it
leaves alone whoever asks from elsewhere. Addresses are kept in the memory of the process alone, as digests with a salt
of its own, and in neither the database nor the trail.
"""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock

#: How many failures are free, the first wait after them, and the longest: each is twice the one before.
FREE, FIRST, LONGEST = 5, timedelta(minutes=1), timedelta(hours=1)
#: After so long without a failure those before are forgotten.
FORGOTTEN = timedelta(hours=24)
#: How many names with their sources are remembered; the oldest are forgotten first.
MOST = 20_000


class GuessWaits:
    """Who waits for how long before the next attempt, in the memory of one process."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now, self._salt, self._lock = now, secrets.token_bytes(16), Lock()
        self._failed: OrderedDict[bytes, tuple[int, datetime]] = OrderedDict()

    def until(self, name: str, source: str) -> datetime | None:
        """Return until when this source waits before it tries this name again, None where it need not.

        An attempt that need not wait is counted at once as a failure, so that many at one time get no more guesses than
        one after another; `forget` takes it back.
        """
        key, now = self._key(name, source), self._now()
        with self._lock:
            failed, last = self._failed.get(key, (0, now))
            if now - last >= FORGOTTEN:
                failed = 0
            until = last + wait(failed)
            waits = now < until
            self._failed[key] = (failed, last) if waits else (failed + 1, now)
            self._failed.move_to_end(key)
            if len(self._failed) > MOST:
                self._failed.popitem(last=False)
        return until if waits else None

    def forget(self, name: str, source: str) -> None:
        """Forget the failures of a source at a name: it has signed in."""
        with self._lock:
            self._failed.pop(self._key(name, source), None)

    def _key(self, name: str, source: str) -> bytes:
        return hashlib.blake2b(f"{name}\n{network(source)}".encode(errors="replace"), key=self._salt).digest()


def wait(failed: int) -> timedelta:
    """Return how long to wait after so many failures in a row.

    >>> [int(wait(failed).total_seconds() // 60) for failed in (0, 4, 5, 6, 9, 10, 11, 10_000)]
    [0, 0, 1, 2, 16, 32, 60, 60]
    """
    return min(FIRST * 2 ** min(failed - FREE, 20), LONGEST) if failed >= FREE else timedelta()


def network(source: str) -> str:
    """Return what counts as one source: an address of IPv4, and of IPv6 the network of 64 bits that one customer has.

    >>> [network(one) for one in ("192.0.2.7", "::ffff:192.0.2.7", "2001:db8::7", "not one")]
    ['192.0.2.7', '192.0.2.7', '2001:db8::', 'not one']
    """
    try:
        address = ipaddress.ip_address(source)
    except ValueError:
        return source
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    return str(ipaddress.ip_network(f"{address}/64", strict=False).network_address)
