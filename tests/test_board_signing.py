"""A head of the trail that the council signs: what a signature shows, and what it does not."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from board_app import Running, running
from running import senpolicy
from senpolicy_board import signing

pytestmark = pytest.mark.skipif("SENPOLICY_BOARD_URL" in os.environ, reason="it opens the file of SQLite")
PASSPHRASE = "a lamp by the window"


def keys(folder: Path, name: str = "council", passphrase: str = "", made: Any = None) -> tuple[Path, Path]:
    """The files of a private key and of its public key."""
    key = made or ed25519.Ed25519PrivateKey.generate()
    how = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    private, public = folder / f"{name}.key.pem", folder / f"{name}.pem"
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how))
    public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return private, public


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Running:
    return running(tmp_path_factory.mktemp("signing"))


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """`senpolicy`, with a line on standard input."""

    def run(*said: str, typed: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{typed}\n"))
        return senpolicy(capsys, *said)

    return run


def signed(ask: Any, board: Running, key: Path, *more: str) -> Path:
    status, out, err = ask("board", "head", "--database", board.settings.database, "--sign", str(key), *more)
    assert status == 0, err
    file = key.with_name(f"{key.stem}.json")
    file.write_text(out, encoding="utf-8")
    return file


def checked(ask: Any, board: Running, head: Path, key: Path, *more: str) -> tuple[int, str]:
    path = board.settings.database.removeprefix("sqlite:///")
    status, out, err = ask("verify-record", "--trail", path, "--head", str(head), "--key", str(key), *more)
    return status, out + err


def test_a_signed_head_is_checked_and_what_it_does_not_show_is_said(board: Running, ask: Any, tmp_path: Path) -> None:
    private, public = keys(tmp_path)
    head = signed(ask, board, private)
    status, said = checked(ask, board, head, public, "--last")
    held = json.loads(head.read_text())
    assert status == 0, said
    assert f"the head of entry {held['entry']} is signed by the key {held['key']}" in said
    for unseen in signing.UNSEEN:
        assert f"not shown: {unseen}" in said
    board["observer"].get("/trail")
    status, said = checked(ask, board, head, public)
    assert (status, f"of entries {held['entry'] + 1} to" in said) == (0, True), "what came later is not vouched for"
    assert checked(ask, board, head, public, "--last")[0] == 1


def test_a_trail_that_was_written_again_does_not_hold_a_signed_head(board: Running, ask: Any, tmp_path: Path) -> None:
    """Whoever holds the database and not the key can write everything again, and cannot sign it."""
    private, public = keys(tmp_path)
    # Boards of the tests are copies of one: without an entry of its own, one would hold the other's head.
    board["chair"].get("/trail")
    head = signed(ask, board, private)
    other = running(tmp_path)
    other["observer"].get("/trail")
    status, said = checked(ask, other, head, public)
    assert (status, "does not hold the entry whose hash was given" in said) == (1, True), said
    mine = signed(ask, other, keys(tmp_path, "insider")[0])
    status, said = checked(ask, other, mine, public)
    assert (status, "is not signed by the key in 'council.pem'" in said) == (1, True), said


@pytest.mark.parametrize("name", ["entry", "hash", "signature"])
def test_a_head_that_was_changed_is_refused(board: Running, ask: Any, tmp_path: Path, name: str) -> None:
    private, public = keys(tmp_path)
    head = signed(ask, board, private)
    said = json.loads(head.read_text())
    other = {"entry": 1, "hash": "0" * 64, "signature": "AAAA" + said["signature"][4:]}[name]
    head.write_text(json.dumps(said | {name: other}))
    status, told = checked(ask, board, head, public)
    assert (status, "is not signed by the key in 'council.pem', or was changed later" in told) == (1, True), told
    # The key that a file names is not believed: the one that is given counts.
    head.write_text(json.dumps(said | {"key": "sha256:0"}))
    assert checked(ask, board, head, public)[0] == 0


def test_a_signed_head_of_another_entry_than_it_says_is_told(board: Running, ask: Any, tmp_path: Path) -> None:
    private, public = keys(tmp_path)
    last = json.loads(signed(ask, board, private).read_text())
    head = signed(ask, board, private, "--given", f"entry {last['entry'] + 7}: {last['hash']}")
    status, said = checked(ask, board, head, public)
    assert (status, f"and its hash is that of entry {last['entry']}" in said) == (1, True), said


def test_a_head_is_signed_elsewhere_by_a_key_with_a_passphrase(board: Running, ask: Any, tmp_path: Path) -> None:
    """From what was printed, on a machine that has the key and no board."""
    private, public = keys(tmp_path, passphrase=PASSPHRASE)
    printed = ask("board", "head", "--database", board.settings.database)[1]
    elsewhere = ("board", "head", "--given", printed, "--sign", str(private), "--database", "sqlite:////none/board.db")
    status, out, err = ask(*elsewhere, typed=PASSPHRASE)
    assert status == 0, err
    head = tmp_path / "head.json"
    head.write_text(out)
    assert checked(ask, board, head, public, "--last")[0] == 0
    for wrong in ("another", ""):
        status, out, err = ask(*elsewhere, typed=wrong)
        assert (status, out, "the passphrase does not fit" in err) == (2, "", True)
    assert ask("board", "head", "--given", "entry 0: abc", "--sign", str(private))[0] == 2


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed here")
def test_anyone_can_check_a_signature_by_openssl(board: Running, ask: Any, tmp_path: Path) -> None:
    """And a key that openssl makes is one that signs."""
    private, public, text, signature = (str(tmp_path / name) for name in ("a.key.pem", "a.pem", "text", "signature"))
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", private], check=True)
    subprocess.run(["openssl", "pkey", "-in", private, "-pubout", "-out", public], check=True)
    said = json.loads(signed(ask, board, Path(private)).read_text())
    Path(signature).write_bytes(b64decode(said["signature"]))
    command = [
        "openssl",
        "pkeyutl",
        "-verify",
        "-pubin",
        "-inkey",
        public,
        "-rawin",
        "-in",
        text,
        "-sigfile",
        signature,
    ]
    for entry, valid in ((said["entry"], True), (said["entry"] + 1, False)):
        Path(text).write_text(f"head of a moderation board's trail\nentry {entry}: {said['hash']}\n")
        assert (subprocess.run(command, check=False, capture_output=True).returncode == 0) is valid


def test_what_is_not_a_key_or_a_head_is_told(board: Running, ask: Any, tmp_path: Path) -> None:
    private, public = keys(tmp_path)
    head = signed(ask, board, private)
    curve = keys(tmp_path, "curve", made=ec.generate_private_key(ec.SECP256R1()))
    (tmp_path / "empty.pem").write_text("")
    for wrong in (private, curve[1], tmp_path / "empty.pem", head):
        status, said = checked(ask, board, head, wrong)
        assert (status, "is not the file of a public key" in said) == (2, True), wrong
    for wrong in (public, curve[0], tmp_path / "empty.pem"):
        status, _, said = ask("board", "head", "--given", f"entry 1: {'0' * 64}", "--sign", str(wrong))
        assert (status, "is not the file of a private key" in said) == (2, True), wrong
    assert "cannot be read" in checked(ask, board, head, tmp_path / "none.pem")[1]
    for content in ("", "[]", "{}", "[" * 9_000, json.dumps({"entry": True, "hash": "", "signature": ""}),
                    json.dumps({"entry": 1, "hash": "0" * 64, "signature": "é"}),
                    json.dumps({"entry": 1, "hash": "\ud800", "signature": ""})):  # fmt: skip
        (tmp_path / "wrong.json").write_text(content)
        status, said = checked(ask, board, tmp_path / "wrong.json", public)
        assert (status, "is not a signed head" in said) == (2, True), content[:40]
    path = board.settings.database.removeprefix("sqlite:///")
    assert "with --key" in ask("verify-record", "--trail", path, "--head", str(head))[2]
    assert "give --trail and --head with it" in ask("verify-record", "--trail", path, "--key", str(public))[2]
