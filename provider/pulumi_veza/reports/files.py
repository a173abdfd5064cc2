"""Text files as users have them: UTF-8, or with a byte-order mark, as PowerShell and editors on Windows write them."""

from __future__ import annotations

import codecs
import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pulumi_veza.errors import UnwritableFileError

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    # That of UTF-16 is the beginning of that of UTF-32.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decoded(content: bytes) -> str:
    """Decode a text in the encoding that its byte-order mark names, or as UTF-8; the mark is left out.

    Raises:
        UnicodeDecodeError: it is no text in that encoding.

    """
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), "utf-8")
    return content.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")


def read_text(path: Path) -> str:
    """Read a text file.

    Raises:
        OSError: it cannot be read.
        UnicodeDecodeError: it is no text.

    """
    return decoded(path.read_bytes())


@contextmanager
def writing(file: Path, *, instead: str = "") -> Iterator[None]:
    """Raise what the operating system says against writing a file as an error of one line that names it.

    Args:
        file: The file or folder.
        instead: What to do about it, for the end of the line.

    Raises:
        UnwritableFileError: it cannot be written.

    """
    try:
        yield
    except OSError as error:
        raise _unwritable(file, error.strerror or str(error), instead) from None


def refuse_unwritable(file: Path) -> None:
    """Refuse a file that cannot be written, before what is to be written there is made.

    Raises:
        UnwritableFileError: it cannot be written. That a disk is full shows only later.

    """
    there = file.exists()
    place = file if there else file.parent
    if not place.exists():
        number = errno.ENOENT
    elif place.is_dir() == there:
        number = errno.EISDIR if there else errno.ENOTDIR
    elif not os.access(place, os.W_OK):
        number = errno.EACCES
    else:
        return
    raise _unwritable(file, os.strerror(number))


def _unwritable(file: Path, reason: str, instead: str = "") -> UnwritableFileError:
    return UnwritableFileError(f"cannot write {file}: {reason}" + (f"; {instead}" if instead else ""))
