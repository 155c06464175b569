"""Rate counters shared by the processes of one machine, in a file that all of them map into memory."""

import fcntl
import mmap
import os
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from math import ceil
from pathlib import Path

from msgspec import Struct

from foliolens.ports.clock import Clock
from foliolens.ports.rate_counter import Window

__all__ = ["SharedRateCounter"]

_SLOT = struct.Struct("<16sdQ")
_WAYS = 16
_BUCKET_BYTES = _WAYS * _SLOT.size


class _Slot(Struct, frozen=True):
    at: int
    digest: bytes
    ends_at: float
    hits: int


class SharedRateCounter:
    """Fixed windows that begin with their first hit.

    A table of fixed size: a key belongs into one bucket of 16 slots, which is locked while it is counted. The
    system releases the lock of a process that dies. Where a bucket is full, an ended window makes room, else
    the one with the fewest hits: strangers cannot wash a busy caller out. Of keys there are only hashes.

    A process opens a file once: closing it would release what another counter of that process holds.

    Args:
        file: The table; made where there is none.
        clock: Tells when windows end.
        buckets: Size of the table, 512 bytes each; the same for everybody who opens the file.
    """

    def __init__(self, file: Path, clock: Clock, *, buckets: int = 8192) -> None:
        self._clock = clock
        self._buckets = buckets
        self._lock = threading.Lock()
        self._file = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        size = buckets * _BUCKET_BYTES
        fcntl.lockf(self._file, fcntl.LOCK_EX)
        try:
            # Written, not only extended: a hole in the file would end the process where the disk is full.
            missing = size - os.fstat(self._file).st_size
            if missing > 0:
                with open(self._file, "r+b", closefd=False) as table:
                    table.write(bytes(size))
            self._table = mmap.mmap(self._file, size)
        except BaseException:
            os.close(self._file)
            raise
        fcntl.lockf(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Let go of the file; the counts stay in it."""
        self._table.close()
        os.close(self._file)

    def hit(self, key: str, window_seconds: int) -> Window:
        """See `RateCounter.hit`."""
        digest, bucket = self._place(key, window_seconds)
        with self._locked(bucket):
            now = self._clock.now().timestamp()
            slots = list(self._slots(bucket))
            slot = next((each for each in slots if each.digest == digest), None)
            if slot is None:
                slot = min(slots, key=lambda each: (each.ends_at > now, each.hits))
            hits, ends_at = 1, now + window_seconds
            if slot.digest == digest and _is_present(slot, now, window_seconds):
                hits, ends_at = slot.hits + 1, slot.ends_at
            _SLOT.pack_into(self._table, slot.at, digest, ends_at, hits)
        return Window(count=hits, resets_in=max(1, ceil(ends_at - now)))

    def peek(self, key: str, window_seconds: int) -> int:
        """See `RateCounter.peek`."""
        digest, bucket = self._place(key, window_seconds)
        with self._locked(bucket):
            now = self._clock.now().timestamp()
            return next(
                (
                    slot.hits
                    for slot in self._slots(bucket)
                    if slot.digest == digest and _is_present(slot, now, window_seconds)
                ),
                0,
            )

    def forget_ended(self) -> int:
        """Remove the hashes of windows that have ended, and tell how many there were."""
        forgotten = 0
        for bucket in range(self._buckets):
            with self._locked(bucket):
                now = self._clock.now().timestamp()
                for slot in self._slots(bucket):
                    if 0 < slot.ends_at <= now:
                        _SLOT.pack_into(self._table, slot.at, b"", 0.0, 0)
                        forgotten += 1
        return forgotten

    def _place(self, key: str, window_seconds: int) -> tuple[bytes, int]:
        digest = blake2b(f"{window_seconds} {key}".encode(), digest_size=16).digest()
        return digest, int.from_bytes(digest[:8]) % self._buckets

    @contextmanager
    def _locked(self, bucket: int) -> Iterator[None]:
        """Keep other threads from the table, and other processes from the bucket."""
        start = bucket * _BUCKET_BYTES
        with self._lock:
            fcntl.lockf(self._file, fcntl.LOCK_EX, _BUCKET_BYTES, start)
            try:
                yield
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN, _BUCKET_BYTES, start)

    def _slots(self, bucket: int) -> Iterator[_Slot]:
        start = bucket * _BUCKET_BYTES
        for at in range(start, start + _BUCKET_BYTES, _SLOT.size):
            yield _Slot(at, *_SLOT.unpack_from(self._table, at))


def _is_present(slot: _Slot, now: float, window_seconds: int) -> bool:
    """Whether it runs; one that ends later than a new one would is from before the clock was set back."""
    return now < slot.ends_at <= now + window_seconds
