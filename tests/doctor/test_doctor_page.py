"""docs/doctor.md says what is so: what it shows is what is printed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tools import reference
from typer.testing import CliRunner

from pulumi_veza.cli.commands import application
from tests.doctor.doctors import KEY, Practice
from tests.support.tenant import Tenant

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "doctor.md").read_text()
ELLIPSIS = "..."


def block(marker: str) -> list[str]:
    found = re.search(rf"<!-- {marker} -->\n```\w*\n(.*?)```", PAGE, re.DOTALL)
    assert found, marker
    return found[1].splitlines()


def shown(documented: list[str], real: str) -> bool:
    """Whether the documented lines are printed one after another; ``...`` stands for any lines, versions for any."""
    pattern = "".join("(?:.*\n)*?" if line == ELLIPSIS else f"{_any_version(line)}\n" for line in documented)
    return re.search(pattern, real) is not None


def _any_version(line: str) -> str:
    return re.sub(r"\d+\\\.\d+\\\.\d+", r"\\d+\\.\\d+\\.\\d+(?:\\.dev\\d+)?", re.escape(line))


def test_the_table_of_checks_is_the_catalogue() -> None:
    assert reference.written(PAGE) == PAGE, "run tools/reference.py"


def test_what_the_doctor_prints_is_what_the_page_shows(at_tenant: Practice, tenant: Tenant) -> None:
    refusal = {"code": "PermissionDenied", "message": "the API key may only see profiles"}
    tenant.fault(path="lifecycle_managers$", status=403, count=None, answer=refusal)
    at_tenant.project(f"config:\n  veza:apiKey: {KEY}\n")
    printed = at_tenant.printed("--stack", "dev")
    assert shown(block("doctor"), printed.stdout), printed.stdout


@pytest.mark.usefixtures("at_tenant")
def test_what_was_learned_is_what_the_page_shows(
    tenant: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant.create_draft("profile-0")
    tenant.quirks(integer_enumerations=True)
    monkeypatch.chdir(tmp_path)
    printed = CliRunner().invoke(application, ["doctor", "--learn", "tenant.yaml"])
    assert shown(block("learn"), printed.stdout), printed.stdout
    assert "\n".join(block("file")) in (tmp_path / "tenant.yaml").read_text()


def test_a_line_that_is_not_printed_would_be_noticed() -> None:
    assert shown(["a 1.2.3", ELLIPSIS, "c"], "a 4.5.6\nb\nc\n")
    assert not shown(["a 1.2.3", "c"], "a 4.5.6\nb\nc\n")
