"""What a file is by its content, whatever its name says: PDF, PNG, JPEG or plain text; and what can be read in it.

A file that is one kind and hides another behind its end is none. Pictures lose what a camera or a program wrote into
them beside the picture: it may name a person or a place.
"""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from pypdf import PdfReader
from pypdf.errors import PyPdfError

PDF, PNG, JPEG, TEXT = "application/pdf", "image/png", "image/jpeg", "text/plain"
#: The kinds of file that are kept, each with the ending under which it is given back.
KINDS = {PDF: ".pdf", PNG: ".png", JPEG: ".jpg", TEXT: ".txt"}
#: How many letters of text, pages of a PDF and dots of a picture are the most. A small file can unfold into many.
MOST_LETTERS, MOST_PAGES, MOST_DOTS = 100_000, 100, 40_000_000

_PNG = b"\x89PNG\r\n\x1a\n"
#: The pieces of a PNG that are needed to draw it; every other may hold words.
_DRAWN = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"pHYs"}
#: The segments of a JPEG that may hold words: what applications wrote, but for how its colours are kept, and comments.
_WORDED = {*range(0xE1, 0xEE), 0xEF, 0xFE}
#: Those that tell its size, and those that stand alone.
_SIZED = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class Unfit(Exception):
    """Raised where a file cannot be kept; it says why, and what to do."""


@dataclass(frozen=True)
class KnownFile:
    """A file whose kind is known: the kind, the content as it is kept, and the words that can be read in it."""

    kind: str
    content: bytes
    words: str


def known(content: bytes) -> KnownFile:
    """Return what a file is. Raises `Unfit` where it is none of the kinds, too large to show, or damaged."""
    try:
        if content.startswith(b"%PDF-"):
            return KnownFile(PDF, content, _words_of_pdf(content))
        if content.startswith(_PNG):
            return KnownFile(PNG, b"".join([_PNG, *_pieces(content)]), "")
        if content.startswith(b"\xff\xd8\xff"):
            return KnownFile(JPEG, b"".join(_segments(content)), "")
    except (struct.error, IndexError):
        raise Unfit("This picture is damaged. Save it again, or send another.") from None
    said = _text(content)
    return KnownFile(TEXT, said.encode(), said)


def _text(content: bytes) -> str:
    try:
        said = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        said = "\0"
    if not said.strip() or _CONTROL.search(said):
        raise Unfit("This is not a PDF, a PNG or JPEG picture, or plain text. Save it as one of these.")
    if len(said) > MOST_LETTERS:
        raise Unfit(f"This text is longer than {MOST_LETTERS:,} letters. Attach the part that matters.")
    return said


def _words_of_pdf(content: bytes) -> str:
    """Return the words of a PDF and of what it says of itself; "" where its pages are pictures."""
    damaged = "This PDF cannot be read. Print it into a new PDF, without a password, and attach that."
    if not content.rstrip(b"\0 \r\n").endswith(b"%%EOF"):
        raise Unfit(damaged)
    try:
        reader = PdfReader(io.BytesIO(content))
        if not reader.pages:
            raise Unfit(damaged)
        if len(reader.pages) > MOST_PAGES:
            raise Unfit(f"This PDF has more than {MOST_PAGES} pages. Attach the part that matters.")
        of_itself = [str(one) for one in (reader.metadata or {}).values()]
        words = "\n".join([*of_itself, *(page.extract_text() for page in reader.pages)])
    # A file that is damaged on purpose ends its reading in any of these.
    except (PyPdfError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError, OSError,
            AssertionError, NotImplementedError, MemoryError, zlib.error):  # fmt: skip
        raise Unfit(damaged) from None
    if len(words) > 10 * MOST_LETTERS:
        raise Unfit("This PDF holds more words than can be looked through. Attach the part that matters.")
    return words


def _pieces(content: bytes) -> Iterator[bytes]:
    """Yield the pieces of a PNG that draw it; raises `Unfit` where one is damaged, or something comes after it."""
    at, kinds = len(_PNG), list[bytes]()
    while at < len(content):
        size, kind = struct.unpack_from(">I4s", content, at)
        piece = content[at : at + size + 12]
        if len(piece) < size + 12 or zlib.crc32(piece[4:-4]) != struct.unpack(">I", piece[-4:])[0]:
            break
        if not kinds and (kind != b"IHDR" or not _drawable(*struct.unpack_from(">II", piece, 8))):
            break
        if kind in _DRAWN:
            yield piece
        kinds.append(kind)
        at += len(piece)
        if kind == b"IEND":
            break
    if at != len(content) or not kinds or kinds[-1] != b"IEND" or b"IDAT" not in kinds:
        raise Unfit("This PNG picture is damaged, too large to show, or something comes after it. Save it again.")


def _segments(content: bytes) -> Iterator[bytes]:
    """Yield a JPEG without what may hold words; raises `Unfit` where it is damaged, or goes on after its end."""
    yield content[:2]
    at, drawable = 2, False
    while content[at] == 0xFF and content[at + 1] != 0xDA:
        marker, (size,) = content[at + 1], struct.unpack_from(">H", content, at + 2)
        if marker in _SIZED:
            high, wide = struct.unpack_from(">HH", content, at + 5)
            drawable = _drawable(wide, high)
        if marker not in _WORDED:
            yield content[at : at + 2 + size]
        at += 2 + size
    # Within what is drawn no end stands, so the first one is the end.
    if not drawable or content[at] != 0xFF or content.find(b"\xff\xd9", at) != len(content) - 2:
        raise Unfit("This JPEG picture is damaged, too large to show, or something comes after it. Save it again.")
    yield content[at:]


def _drawable(wide: int, high: int) -> bool:
    return 0 < wide * high <= MOST_DOTS
