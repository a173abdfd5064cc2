"""The folder of an export: what was edited there by hand, and how the next export replaces the rest.

One export at a time has the folder, from its first look at it to the last file. New texts are written beside the old
ones first, and then moved. An export that is interrupted before leaves everything as it was; one that is killed while
files are moved is completed by the next.
"""

from __future__ import annotations

import errno
import os
import shutil
import signal
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Final

from pulumi_veza.errors import RefusedError, UnwritableFileError
from pulumi_veza.export import manifest
from pulumi_veza.export.manifest import Manifest, digest
from pulumi_veza.export.project import Project
from pulumi_veza.reports.files import writing

if sys.platform != "win32":
    import fcntl

STAGED: Final = ".veza-export-staged"
"""The folder of texts that are to be moved into place."""

EMAILS: Final = ".veza-emails.jsonl"
"""The e-mail addresses that an export has read so far."""

_REMOVED: Final = "removed"
_FILES: Final = "files"


@dataclass(frozen=True)
class FileChanges:
    """What is done to the files of a folder."""

    write: frozenset[str]
    """Paths that get a new text."""
    remove: frozenset[str]
    """Paths of an earlier export that this one has no more."""
    edited: frozenset[str]
    """Paths that somebody edited or removed by hand, and that stay so."""
    outdated: frozenset[str]
    """Those of ``edited`` that would be written otherwise than they were last."""
    overruled: frozenset[str]
    """Paths that somebody edited or removed by hand, and that do not stay so, as ``force`` is given."""
    written: Mapping[str, str]
    """The digest of each file as an export wrote it last: what the next one compares with."""


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Keep other exports out of a folder, which is made where there is none; one without a file does not stay.

    Raises:
        RefusedError: it is a file, or another export has it.
        UnwritableFileError: it cannot be made.

    """
    for each in (folder, *folder.parents):
        if each.exists() and not each.is_dir():
            raise RefusedError(f"{each} is a file; give a folder that is new, empty, or of an earlier export")
    made = [each for each in (folder, *folder.parents) if not each.exists()]
    try:
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
        with _locked(folder):
            yield
    finally:
        _remove_if_empty(made)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder, which leaves no file there and ends with the process, however that ends."""
    if sys.platform == "win32":  # without such locks
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in {errno.EAGAIN, errno.EACCES}:
                raise RefusedError(f"another export writes to {folder}; wait until it has ended") from None
            # A file system without locks.
        yield
    finally:
        os.close(descriptor)


def _remove_if_empty(folders: Iterable[Path]) -> None:
    """Remove folders that hold nothing, the innermost first."""
    with suppress(OSError):
        for each in folders:
            each.rmdir()


def opened(folder: Path) -> Manifest | None:
    """Return the record of the last export in a folder, None where it is new or empty; complete an unfinished one.

    Raises:
        RefusedError: it exists and is no export.
        UnusableFileError: the record cannot be read.

    """
    _complete(folder)
    found = manifest.read(folder)
    if found is None and {each.name for each in folder.iterdir()} - {EMAILS, ".git"}:
        raise RefusedError(
            f"{folder} has files and is no export of pulumi-veza, so nothing is written there; give a folder that is "
            "new, empty, or of an earlier export"
        )
    return found


def changes(folder: Path, known: Manifest, project: Project, *, force: bool) -> FileChanges:
    """Return what is to be done: what was edited by hand stays, unless ``force`` is given."""
    new, old = project.manifest.files, known.files
    current = {path: _digest_of(folder / path) for path in new.keys() | old.keys()}
    edited = {path for path, found in current.items() if found != old.get(path) and found != new.get(path)}
    # A file that is not there is new, unless somebody removed what an export wrote.
    by_hand = frozenset(path for path in edited if path in old or current[path] is not None)
    kept = frozenset() if force else by_hand
    outdated = frozenset(path for path in kept if new.get(path) != old.get(path))
    # What was not written now is compared with what was written last by the next export, and the one after that.
    written = {path: found for path, found in new.items() if path not in outdated}
    return FileChanges(
        write=frozenset(path for path in new if path not in kept and current[path] != new[path]),
        remove=frozenset(path for path in old if path not in new and path not in kept and current[path] is not None),
        edited=kept,
        outdated=outdated,
        overruled=by_hand - kept,
        written={**written, **{path: old[path] for path in outdated if path in old}},
    )


def write(folder: Path, what: FileChanges, project: Project) -> None:
    """Write the new texts, all or none.

    Raises:
        UnwritableFileError: a file cannot be written; nothing was changed.

    """
    staged = folder / STAGED
    try:
        shutil.rmtree(staged, ignore_errors=True)
        for path in sorted(what.write):
            file = staged / _FILES / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(project.files[path], encoding="utf-8", newline="\n")
        staged.mkdir(exist_ok=True)
        (staged / _REMOVED).write_text("\n".join(sorted(what.remove)), encoding="utf-8")
        # From here on it is complete.
        partial = staged / f"{manifest.FILE}.partial"
        partial.write_text(project.manifest.model_copy(update={"files": what.written}).text(), encoding="utf-8")
        with _undisturbed():
            partial.rename(staged / manifest.FILE)
            _complete(folder)
    except OSError as error:
        if not (staged / manifest.FILE).exists():
            shutil.rmtree(staged, ignore_errors=True)
        raise UnwritableFileError(f"cannot write {error.filename or folder}: {error.strerror or error}") from None
    except BaseException:
        if not (staged / manifest.FILE).exists():
            shutil.rmtree(staged, ignore_errors=True)
        raise


def _complete(folder: Path) -> None:
    """Move what an export has staged completely; drop what it has not."""
    staged = folder / STAGED
    if not (staged / manifest.FILE).exists():
        shutil.rmtree(staged, ignore_errors=True)
        return
    texts = staged / _FILES
    for file in sorted(each for each in texts.rglob("*") if each.is_file()):
        target = folder / file.relative_to(texts)
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(file, target)
    for path in (staged / _REMOVED).read_text(encoding="utf-8").splitlines():
        (folder / path).unlink(missing_ok=True)
        _remove_empty((folder / path).parent, folder)
    os.replace(staged / manifest.FILE, folder / manifest.FILE)
    shutil.rmtree(staged, ignore_errors=True)


def _remove_empty(folder: Path, top: Path) -> None:
    while folder != top and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def _digest_of(file: Path) -> str | None:
    """Return the digest of a file, None where there is none."""
    try:
        return digest(file.read_bytes().decode("utf-8", errors="surrogateescape"))
    except (FileNotFoundError, NotADirectoryError):
        return None


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let an interrupt wait until what is within has been done."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    waiting: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        waiting.append(number)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if waiting:
        raise KeyboardInterrupt
