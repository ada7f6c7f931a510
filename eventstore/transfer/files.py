"""Files of lines: plain, gzip or zstd, from a path or a standard stream."""

from __future__ import annotations

import contextlib
import gzip
import io
import os
import sys
import tempfile
import zlib
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from eventstore.exceptions import EventStoreError

if TYPE_CHECKING:
    from collections.abc import Iterator

STANDARD = "-"
_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
#: Small: what a few bytes of zstd unpack to stands in memory.
_ZSTD_STEP = 8192
#: What the readers raise for a file that is damaged or cut off.
_DAMAGE = (EOFError, zlib.error, gzip.BadGzipFile)


class TransferError(EventStoreError):
    """A file that cannot be read or written; the message says which and why."""


class Source:
    """A log to read: its bytes, unpacked, and how far into the file they are.

    Attributes:
        name: the file, for people.
        size: of the file as it lies, in bytes; ``None`` for a stream.
    """

    def __init__(self, raw: io.BufferedReader, name: str, size: int | None) -> None:
        """Look at the first bytes of ``raw`` and unpack the rest by them."""
        self.name = name
        self.size = size
        self._counted = _Counted(raw)
        self._plain = _unpack(raw, self._counted)

    @property
    def position(self) -> int:
        """Return how many bytes of the file were read so far."""
        return self._counted.count

    def readline(self, limit: int) -> bytes:
        """Return the next line, or ``limit`` bytes of it; nothing at the end.

        Raises:
            TransferError: the file is damaged or cut off.
        """
        try:
            return self._plain.readline(limit)
        except _DAMAGE as error:
            raise TransferError(f"{self.name} is damaged or cut off: {error}") from None


@contextlib.contextmanager
def open_source(path: str) -> Iterator[Source]:
    """Open the log at ``path``, or on standard input for ``-``.

    Raises:
        TransferError: it cannot be opened, or is zstd and ``zstandard`` is missing.
    """
    if path == STANDARD:
        # Neither sys.stdin itself nor ever closed: a thread that still waits for it
        # would hold up the exit.
        stream = open(sys.stdin.fileno(), "rb", closefd=False)  # noqa: SIM115 - as above
        yield Source(stream, "standard input", None)
        return
    try:
        file = Path(path).open("rb")  # noqa: SIM115 - closed below, by the context
    except OSError as error:
        raise TransferError(f"{path} cannot be read: {error.strerror}.") from None
    with file:
        yield Source(file, path, os.fstat(file.fileno()).st_size)


@contextlib.contextmanager
def open_target(path: str) -> Iterator[IO[bytes]]:
    """Open ``path`` for writing, or standard output for ``-``; packed by its ending.

    The file gets its name when it is complete: one that is cut off never looks whole.
    It is readable for its owner alone, since events may hold personal data.

    Raises:
        TransferError: it cannot be written, or ends in ``.zst`` and ``zstandard`` is
            missing.
    """
    if path == STANDARD:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    place = Path(path)
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{place.name}.", dir=place.parent)
    except OSError as error:
        raise TransferError(f"{path} cannot be written: {error.strerror}.") from None
    try:
        with os.fdopen(handle, "wb") as file:
            with _packed(file, path) as packed:
                yield packed
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(place)
    except OSError as error:
        raise TransferError(f"{path} cannot be written: {error.strerror}.") from None
    finally:
        Path(temporary).unlink(missing_ok=True)


def _packed(file: IO[bytes], path: str) -> contextlib.AbstractContextManager[IO[bytes]]:
    if path.endswith(".gz"):
        # Without name and time in it, the same events give the same bytes.
        packer: Any = gzip.GzipFile("", "wb", compresslevel=6, fileobj=file, mtime=0)
        return cast("contextlib.AbstractContextManager[IO[bytes]]", packer)
    if path.endswith(".zst"):
        packer = _zstandard(path).ZstdCompressor().stream_writer(file, closefd=False)
        return cast("contextlib.AbstractContextManager[IO[bytes]]", packer)
    return contextlib.nullcontext(file)


def _unpack(raw: io.BufferedReader, counted: _Counted) -> io.BufferedReader:
    start = raw.peek(len(_ZSTD))
    if start.startswith(_GZIP):
        unpacked: Any = gzip.GzipFile(fileobj=cast("IO[bytes]", counted), mode="rb")
        return io.BufferedReader(unpacked, 1 << 18)
    if start.startswith(_ZSTD):
        return io.BufferedReader(_Zstd(counted, _zstandard("The log")), 1 << 18)
    return io.BufferedReader(counted, 1 << 18)


def _zstandard(what: str) -> Any:
    try:
        import zstandard  # noqa: PLC0415 - optional, and most files do without
    except ImportError:
        raise TransferError(
            f"{what} is packed by zstd, and the package zstandard is not installed: "
            "pip install django-eventstore[zstd], or use gzip."
        ) from None
    return zstandard


class _Counted(io.RawIOBase):
    """Bytes that are counted as they are read."""

    def __init__(self, raw: io.BufferedReader) -> None:
        self._raw = raw
        self.count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        # Not more than is there: a pipe may be slow.
        size = self._raw.readinto1(buffer)
        self.count += size
        return size


class _Zstd(io.RawIOBase):
    """What zstd has packed; unlike the package's own reader it notices a cut-off."""

    def __init__(self, packed: _Counted, zstandard: Any) -> None:
        self._packed = packed
        self._package = zstandard
        self._frame: Any = None
        self._rest = b""
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._ready:
            packed = self._rest or self._packed.read(_ZSTD_STEP)
            self._rest = b""
            if not packed:
                if self._frame is not None:
                    raise EOFError("it ends inside a zstd frame")
                return 0
            self._ready = memoryview(self._unpack(packed))
        size = min(len(buffer), len(self._ready))
        buffer[:size] = self._ready[:size]
        self._ready = self._ready[size:]
        return size

    def _unpack(self, packed: bytes) -> bytes:
        if self._frame is None:
            self._frame = self._package.ZstdDecompressor().decompressobj()
        try:
            found: bytes = self._frame.decompress(packed)
        except self._package.ZstdError as error:
            raise EOFError(str(error)) from None
        if self._frame.eof:
            self._rest = self._frame.unused_data
            self._frame = None
        return found
