"""The documentation says what is so: programs run as written, outputs are real, tables and links are current."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pulumi_veza.client.settings import SETTINGS
from tests.support.fixtures import StackFactory
from tests.support.stack import Result
from tests.support.tenant import Tenant

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("examples/**/*.md")])
README = (ROOT / "README.md").read_text()
IMPORT = (ROOT / "docs" / "import.md").read_text()
RESOURCES = (ROOT / "docs" / "resources.md").read_text()

A_ROLE = {"name": "Team Role", "allow_create_relationships": True}


def block(page: str, marker: str) -> str:
    """Give the code block below ``<!-- marker -->``."""
    found = re.search(rf"<!-- {marker} -->\n```\w*\n(.*?)```", page, re.DOTALL)
    assert found, f"there is no block {marker!r}"
    return found[1]


def python_blocks(page: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", page, re.DOTALL | re.MULTILINE)


def plain(text: object) -> str:
    """Give a text on one line, with what differs from run to run made alike."""
    line = " ".join(str(text).split())
    line = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "ID", line)
    return re.sub(r'(allow_removals="|VEZA_ALLOW_REMOVALS=)(\d+)-[0-9a-f]+', r"\1\2-DIGEST", line)


def shows(result: Result, documented: str) -> bool:
    return plain(documented) in plain(result)


def test_the_program_of_the_readme_runs_and_its_preview_and_refusal_are_real(
    stack_factory: StackFactory, demo_tenant: Tenant
) -> None:
    program = block(README, "program")
    stack = stack_factory(program, environment=demo_tenant.env())
    assert "+ 4 created" in stack.up(skip_preview=True)
    assert len(demo_tenant.members("Sales Team")) == 5

    stack.write(program.replace('"id-karin.holm"', '"id-pablo.serrano"'))
    command, *documented = block(README, "preview").splitlines()
    assert command == "$ pulumi preview --diff | grep ' [-+~] '"
    preview = stack.preview("--diff")
    changed = [line.rstrip() for line in preview.stdout.splitlines() if re.search(" [-+~] ", line)]
    assert changed == documented

    stack.write(program.replace('"id-karin.holm", "id-liam.byrne", ', ""))
    refused = stack.preview(check=False)
    assert refused.returncode != 0
    assert shows(refused, block(README, "refusal").removeprefix("$ pulumi preview\n"))


def test_the_refused_adoption_of_the_readme_is_real(stack_factory: StackFactory, demo_tenant: Tenant) -> None:
    demo_tenant.seed(types=[A_ROLE], profiles=[{"name": "Sales Team", "profile_type": "Team Role", "labels": ["vip"]}])
    program = """
        import pulumi_veza as veza
        role = veza.AccessProfileType("role", name="Team Role", allow_create_relationships=True)
        veza.AccessProfile("sales", name="Sales Team", profile_type=role.id, labels=["sales"])
    """
    refused = stack_factory(program, environment=demo_tenant.env()).up(check=False, skip_preview=True)
    assert refused.returncode != 0
    assert shows(refused, block(README, "adoption"))


def test_the_documented_import_is_followed_by_an_empty_preview(
    stack_factory: StackFactory, demo_tenant: Tenant
) -> None:
    members = ["id-karin.holm", "id-liam.byrne"]
    sales = {"name": "Sales Team", "profile_type": "Team Role", "labels": ["sales"], "members": members}
    demo_tenant.seed(types=[A_ROLE], profiles=[sales])
    stack = stack_factory(block(IMPORT, "program"), environment=demo_tenant.env())
    demo_tenant.clear_requests()
    subprocess.run(
        [sys.executable, "-c", block(IMPORT, "script")],
        cwd=stack.project,
        env={**os.environ, **demo_tenant.env()},
        check=True,
    )
    stack.run("import", "--file", "import.json", "--generate-code=false", "--protect=false", "--yes")
    assert "4 unchanged" in stack.preview("--expect-no-changes")
    assert demo_tenant.requests(mutating=True) == []


def test_the_examples_of_the_resources_page_make_one_program_that_runs(
    stack_factory: StackFactory, demo_tenant: Tenant
) -> None:
    *resources, lookup = python_blocks(RESOURCES)
    program = "\n".join(["import pulumi_veza as veza", *resources])
    stack = stack_factory(program, environment=demo_tenant.env())
    for name in ("people.yaml", "members/crm.yaml", "people.csv"):
        (stack.project / name).parent.mkdir(exist_ok=True)
        (stack.project / name).write_text(block(RESOURCES, name))
    stack.up(skip_preview=True)
    assert set(demo_tenant.members("CRM Seller")) == {"id-karin.holm", "id-liam.byrne"}
    assert set(demo_tenant.members("Seller")) == {"id-karin.holm", "id-liam.byrne"}
    assert {each["entity_id"] for each in demo_tenant.access()["id-karin.holm"]} == {"00G-sellers", "CN=Sales"}
    looked_up = subprocess.run(
        [sys.executable, "-c", f"import pulumi_veza as veza\n{lookup}"],
        env={**os.environ, **demo_tenant.env()},
        capture_output=True,
        text=True,
        check=True,
    )
    assert looked_up.stdout == "CRM Seller RUNNING\n"


def test_the_table_of_settings_in_the_readme_has_every_setting_and_no_other() -> None:
    rows = re.findall(r"^\| `(veza:\w+)`( \(secret\))? \| `(\w+)` \| ([^|]*) \| ([^|]*) \|$", README, re.MULTILINE)
    expected = []
    for each in SETTINGS:
        default = "" if each.default is None else f"`{each.default:g}`"
        shown = "required" if each.required else default
        secret = " (secret)" if each.secret else ""
        expected.append((each.config_name, secret, each.env_name, shown, each.documentation))
    assert rows == expected


def test_the_tables_of_all_pages_are_current() -> None:
    checked = subprocess.run(
        [sys.executable, str(ROOT / "tools" / "reference.py"), "--check"], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file_and_a_heading_that_exist(page: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if "://" in link:
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), f"{page.name} links to {link}"
        if anchor:
            assert anchor in headings(target), f"{page.name} links to {link}"


def headings(page: Path) -> set[str]:
    """Give the anchors of a page's headings, as they are made where Markdown is rendered."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_python_example_is_python(page: Path) -> None:
    for example in python_blocks(page.read_text()):
        ast.parse(example)
