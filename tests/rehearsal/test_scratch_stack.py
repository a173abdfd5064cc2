"""A stack of its own in a temporary folder: what is said where there is no place for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pulumi_veza.cli.scratch_stack import ScratchStack
from pulumi_veza.errors import UnwritableFileError
from tests.support.disk import no_file_above
from tests.support.stack import engine_folder


def test_a_temporary_folder_that_is_full_is_one_line_with_the_file_and_is_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(engine_folder()))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    (tmp_path / "Pulumi.yaml").write_text("name: access\nruntime: python\n")
    full = r"cannot write .*temporary/pulumi-veza-\w+/Pulumi.yaml: File too large; TMPDIR names another place for temp"
    with no_file_above(10), pytest.raises(UnwritableFileError, match=full), ScratchStack(tmp_path, "dev"):
        pass
    assert list((tmp_path / "temporary").iterdir()) == []
    (tmp_path / "temporary").rmdir()
    gone = "cannot write a temporary folder: No such file or directory; TMPDIR"
    with pytest.raises(UnwritableFileError, match=gone), ScratchStack(tmp_path, "dev"):
        pass
