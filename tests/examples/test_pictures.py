"""The pictures of the documentation are what the commands show now, and need nothing but themselves."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.examples.test_documentation import PAGES, ROOT

PICTURES = sorted((ROOT / "docs" / "pictures").glob("*.svg"))


@pytest.mark.slow
def test_the_pictures_are_current() -> None:
    checked = subprocess.run(
        [sys.executable, "-m", "tools.pictures", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr


@pytest.mark.slow
def test_a_picture_that_is_out_of_date_is_named_and_left_alone(tmp_path: Path) -> None:
    for picture in PICTURES:
        (tmp_path / picture.name).write_text(picture.read_text())
    stale = tmp_path / "policies.svg"
    stale.write_text("<svg/>")
    command = [sys.executable, "-m", "tools.pictures", "--check", "--into", str(tmp_path)]
    checked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (1, "Out of date: policies.svg. Run `make pictures`.\n")
    assert stale.read_text() == "<svg/>"


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_a_picture_is_on_a_page_and_fetches_nothing(picture: Path) -> None:
    shown = re.compile(rf"!\[[^\]]+\]\([\w/]*pictures/{picture.name}\)")
    assert [page.name for page in PAGES if shown.search(page.read_text())]
    drawn = picture.read_text()
    # What is written as text is not fetched.
    addresses = set(re.findall(r"https?://[^\"')\s]+", re.sub(r">[^<]*<", "><", drawn)))
    assert addresses == {"http://www.w3.org/2000/svg"}
    assert "url(" not in drawn.replace("url(#", "")
    assert "@import" not in drawn
