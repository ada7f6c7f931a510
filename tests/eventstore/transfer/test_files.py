from __future__ import annotations

import contextlib
import gzip
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zstandard

from eventstore.transfer import TransferError, files
from tests.eventstore.transfer.conftest import Imported
from tests.eventstore.transfer.logs import json_line, new_line

BringIn = Callable[..., Imported]

PACKERS = {
    "plain": lambda data: data,
    "gzip": gzip.compress,
    "gzip in parts": lambda data: gzip.compress(data[:99]) + gzip.compress(data[99:]),
    "zstd": zstandard.compress,
    "zstd in parts": lambda data: (
        zstandard.compress(data[:99]) + zstandard.compress(data[99:])
    ),
    "plain with a mark of its bytes' order": lambda data: b"\xef\xbb\xbf" + data,
    "lines of Windows": lambda data: data.replace(b"\n", b"\r\n"),
    "no end of the last line": lambda data: data.rstrip(b"\n"),
}


@pytest.fixture
def log() -> bytes:
    return b"".join(
        json_line(new_line(number)).encode() + b"\n" for number in range(500)
    )


@pytest.mark.django_db
@pytest.mark.parametrize("kind", PACKERS)
def test_a_file_is_read_as_it_is(
    kind: str, log: bytes, bring_in: BringIn, tmp_path: Path
):
    # The name says nothing.
    path = tmp_path / "log"
    path.write_bytes(PACKERS[kind](log))
    imported = bring_in(path)
    assert imported.counts == (500, 0, 0)
    assert imported.run.report.position == path.stat().st_size


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["plain", "gzip", "zstd"])
def test_standard_input_is_read_as_it_is(
    kind: str, log: bytes, manage: Callable[..., Any]
):
    with manage("eventstore_import", "-", stdin=-1) as process:
        said, complaints = process.communicate(PACKERS[kind](log), timeout=60)
    assert complaints == b""
    assert said.startswith(b"500 events: 500 stored, 0 known already, 0 bad")
    assert process.returncode == 0


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["gzip", "zstd"])
def test_a_file_that_is_cut_off_says_so_and_gives_what_it_has(
    kind: str, bring_in: BringIn, tmp_path: Path
):
    lines = b"".join(
        json_line(
            new_line(number, event_data={"text": str(hash(str(number)))})
        ).encode()
        + b"\n"
        for number in range(20_000)
    )
    path = tmp_path / "log"
    path.write_bytes(PACKERS[kind](lines)[:-1_000])
    imported = bring_in(path)
    assert f"{path} is damaged or cut off: " in str(imported.run.report.damage)
    assert 5_000 < imported.run.report.stored < 20_000
    assert imported.run.report.bad == 0


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["gzip", "zstd"])
def test_a_damaged_file_says_so(
    kind: str, log: bytes, bring_in: BringIn, tmp_path: Path
):
    path = tmp_path / "log"
    packed = bytearray(PACKERS[kind](log))
    packed[10:] = b"\xff" * (len(packed) - 10)
    path.write_bytes(packed)
    assert "is damaged or cut off" in str(bring_in(path).run.report.damage)


@pytest.mark.parametrize("act", ["read", "write"])
def test_zstd_without_its_package_names_the_package(
    act: str, log: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, "zstandard", None)
    path = tmp_path / "log.zst"
    path.write_bytes(zstandard.compress(log))
    opened: Any = {
        "read": lambda: files.open_source(str(path)),
        "write": lambda: files.open_target(str(path)),
    }[act]
    with pytest.raises(TransferError, match=r"pip install django-eventstore\[zstd\]"):
        opened().__enter__()


def test_a_file_that_is_not_there_is_named():
    with (
        pytest.raises(
            TransferError, match=r"nowhere\.jsonl cannot be read: No such file"
        ),
        files.open_source("nowhere.jsonl"),
    ):
        pass


def test_a_folder_that_is_not_there_is_named():
    with (
        pytest.raises(
            TransferError, match=r"nowhere/log cannot be written: No such file"
        ),
        files.open_target("nowhere/log"),
    ):
        pass


def test_a_target_gets_its_name_when_it_is_complete(tmp_path: Path):
    path = tmp_path / "log.jsonl.gz"
    path.write_bytes(b"before")
    with contextlib.suppress(KeyboardInterrupt), files.open_target(str(path)) as target:
        target.write(b"half")
        raise KeyboardInterrupt
    assert path.read_bytes() == b"before"
    with files.open_target(str(path)) as target:
        target.write(b"whole")
        assert path.read_bytes() == b"before"
    assert gzip.decompress(path.read_bytes()) == b"whole"
    assert [found.name for found in tmp_path.iterdir()] == [path.name]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("name", "unpack"),
    [
        ("out.jsonl", lambda data: data),
        ("out.jsonl.gz", gzip.decompress),
        (
            "out.jsonl.zst",
            lambda data: zstandard.ZstdDecompressor().stream_reader(data).read(),
        ),
    ],
)
def test_an_export_is_packed_by_its_name(
    name: str,
    unpack: Callable[[bytes], bytes],
    log: bytes,
    bring_in: BringIn,
    take_out: Callable[..., Path],
    tmp_path: Path,
):
    path = tmp_path / "log"
    path.write_bytes(log)
    bring_in(path)
    lines = unpack(take_out(name).read_bytes()).splitlines()
    assert len(lines) == 500
