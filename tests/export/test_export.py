"""``pulumi-veza export``: what it writes of a tenant."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.export.exporting import check, export, files, program_of
from tests.support.generation.tenants import HOSTILE_NAMES, random_tenant
from tests.support.programs import entitlement
from tests.support.tenant import Json, Tenant

ROLE: Json = {
    "id": "t-role",
    "name": "Team Role",
    "allow_create_relationships": True,
    "allow_inherit_entities": True,
}
PEOPLE: list[Json] = [
    {"id": "0b4e1c2e-0001", "name": "Ana Ruiz", "email": "ana@example.com"},
    {"id": "9f000000-0002", "name": "Ana Ruiz"},
    {"id": "77777777-0003", "name": "Ben Okafor", "email": "ben@example.com"},
]


def profile(name: str, **fields: object) -> Json:
    return {"id": f"p-{name.lower()}", "name": name, "profile_type": "t-role", **fields}


@pytest.fixture
def small(tenant: Tenant) -> Tenant:
    """Seed a type and three profiles with members of several sources."""
    tenant.seed(
        identities=PEOPLE,
        types=[ROLE],
        profiles=[
            profile(
                "Base",
                labels=["requestable", "internal"],
                entities_to_create_relationships_to=[entitlement("00G1"), entitlement("00G2")],
                members=[
                    "0b4e1c2e-0001",
                    {"identity_id": "77777777-0003", "created_from": "BIRTHRIGHT"},
                ],
            ),
            profile(
                "Sales",
                description='For "sellers".',
                state="PAUSED",
                inherit_entities_from_access_profiles=["p-base"],
                members=["0b4e1c2e-0001", "9f000000-0002", "77777777-0003"],
            ),
            profile("Idle"),
        ],
    )
    tenant.create_draft("Sales")
    tenant.clear_requests()
    return tenant


def test_a_small_tenant_becomes_one_file_that_a_person_would_have_written(small: Tenant, tmp_path: Path) -> None:
    done = export(small, tmp_path / "out")
    assert (done.exit_code, done.stderr) == (0, "")
    found = files(tmp_path / "out")
    assert sorted(found) == [
        ".veza-export.json",
        "Pulumi.yaml",
        "__main__.py",
        "import.json",
        "members/team_role/base.yaml",
        "members/team_role/sales.yaml",
        "people.yaml",
    ]
    assert (
        found["__main__.py"]
        == f'''\
"""The access profiles of {small.url}."""

import pulumi_veza as veza

people = veza.People("people.yaml")

team_role = veza.AccessProfileType(
    "team-role",
    name="Team Role",
    allow_inherit_entities=True,
    allow_create_relationships=True,
    allow_overwrite_of_access_request_policy=True,
)

# Members whom no set lists: 1 by BIRTHRIGHT.
base = veza.AccessProfile(
    "base",
    name="Base",
    profile_type=team_role.id,
    labels=["internal", "requestable"],
    entitlements=[
        {{
            "entity_type": "SalesforceGroup",
            "datasource_id": "sf-prod",
            "entity_id": "00G1",
        }},
        {{
            "entity_type": "SalesforceGroup",
            "datasource_id": "sf-prod",
            "entity_id": "00G2",
        }},
    ],
    on_destroy="retain",
)
veza.MembershipSet(
    "base",
    profile_id=base.id,
    identity_ids=people.members("members/team_role/base.yaml"),
    on_destroy="retain",
)

idle = veza.AccessProfile(
    "idle",
    name="Idle",
    profile_type=team_role.id,
    on_destroy="retain",
)

# Has a draft, version 2, which is not exported.
sales = veza.AccessProfile(
    "sales",
    name="Sales",
    profile_type=team_role.id,
    state="PAUSED",
    description='For "sellers".',
    inherits_from=[base.id],
    on_destroy="retain",
)
veza.MembershipSet(
    "sales",
    profile_id=sales.id,
    identity_ids=people.members("members/team_role/sales.yaml"),
    on_destroy="retain",
)
'''
    )
    assert yaml.safe_load(found["people.yaml"]) == {
        "Ana Ruiz (0b4e1c)": "0b4e1c2e-0001",
        "Ana Ruiz (9f0000)": "9f000000-0002",
        "Ben Okafor": "77777777-0003",
    }
    assert found["members/team_role/sales.yaml"] == "- Ana Ruiz (0b4e1c)\n- Ana Ruiz (9f0000)\n- Ben Okafor\n"
    # Each list once, and one list of members for each profile.
    asked = [each["path"] for each in small.requests()]
    assert len(asked) == 2 + 3
    assert small.requests(mutating=True) == []


def test_the_same_tenant_gives_the_same_bytes_and_a_changed_label_one_line(small: Tenant, tmp_path: Path) -> None:
    export(small, tmp_path / "one")
    small.quirks(random_order=True)
    export(small, tmp_path / "two")
    first, second = files(tmp_path / "one"), files(tmp_path / "two")
    for each in (first, second):
        # The name of the project is that of the folder.
        each.pop("Pulumi.yaml")
        each[".veza-export.json"] = json.dumps({**json.loads(each[".veza-export.json"]), "project": "", "files": {}})
    assert first == second
    small.edit_profile("Base", labels=["other", "requestable"])
    again = export(small, tmp_path / "one")
    assert "1 changed: base." in again.stdout
    before, after = first["__main__.py"].splitlines(), files(tmp_path / "one")["__main__.py"].splitlines()
    assert [(old, new) for old, new in zip(before, after, strict=True) if old != new] == [
        ('    labels=["internal", "requestable"],', '    labels=["other", "requestable"],')
    ]


def test_a_second_export_says_what_is_new_gone_and_changed_and_keeps_names(small: Tenant, tmp_path: Path) -> None:
    export(small, tmp_path)
    assert "No file was changed." in export(small, tmp_path).stdout
    small.seed(profiles=[profile("Night", members=["77777777-0003"])])
    small.delete_profile("Idle")
    small.edit_profile("Sales", name="Sellers")
    done = export(small, tmp_path)
    assert done.exit_code == 0
    assert "1 new: night." in done.stdout
    assert "1 changed: sales." in done.stdout
    assert "1 gone from the tenant: idle." in done.stdout
    main = (tmp_path / "__main__.py").read_text()
    assert 'sales = veza.AccessProfile(\n    "sales",\n    name="Sellers",' in main
    assert "idle" not in main
    assert (tmp_path / "members/team_role/night.yaml").read_text() == "- Ben Okafor\n"


def test_what_was_edited_by_hand_stays_unless_forced(small: Tenant, tmp_path: Path) -> None:
    export(small, tmp_path)
    main = tmp_path / "__main__.py"
    edited = main.read_text() + "# mine\n"
    main.write_text(edited)
    (tmp_path / "notes.md").write_text("mine")
    (tmp_path / "members/team_role/base.yaml").unlink()
    done = export(small, tmp_path)
    assert done.exit_code == 0
    assert "2 files edited by hand stay as they are: __main__.py, members/team_role/base.yaml." in done.stdout
    small.edit_profile("Base", labels=["new"])
    done = export(small, tmp_path)
    assert done.exit_code == 1
    assert (
        "1 file edited by hand would be written otherwise now, and nothing was overwritten: __main__.py." in done.stdout
    )
    assert main.read_text() == edited
    assert '"new"' in (tmp_path / "import.json").read_text()
    assert not (tmp_path / "members/team_role/base.yaml").exists()
    again = export(small, tmp_path)
    assert (again.exit_code, again.stdout.splitlines()[-1]) == (1, done.stdout.splitlines()[-1])
    forced = export(small, tmp_path, "--force")
    assert forced.exit_code == 0
    assert forced.stdout.endswith(
        "2 files edited by hand were overwritten: __main__.py, members/team_role/base.yaml.\n"
    )
    assert "# mine" not in main.read_text()
    assert (tmp_path / "members/team_role/base.yaml").exists()
    assert (tmp_path / "notes.md").read_text() == "mine"


def test_a_file_that_was_merged_by_hand_is_up_to_date_and_one_that_is_not_needed_any_more_is_not(
    small: Tenant, tmp_path: Path
) -> None:
    export(small, tmp_path)
    main, members = tmp_path / "__main__.py", tmp_path / "members/team_role/sales.yaml"
    members.write_text("- Ana Ruiz (0b4e1c)\n")
    main.write_text(edited := main.read_text() + "# mine\n")
    small.edit_profile("Base", labels=["new"])
    small.delete_profile("Sales")
    for _ in range(2):
        done = export(small, tmp_path)
        assert done.exit_code == 1
        assert "2 files edited by hand would be written otherwise now" in done.stdout
    forced = export(small, tmp_path, "--force")
    assert "1 file edited by hand was overwritten: __main__.py." in forced.stdout
    assert "1 file edited by hand was removed: members/team_role/sales.yaml." in forced.stdout
    assert not members.exists()
    # What was merged is edited by hand, and not out of date.
    main.write_text(edited)
    done = export(small, tmp_path)
    assert (done.exit_code, done.stdout.splitlines()[1:]) == (
        0, ["No file was changed.", "1 file edited by hand stays as it is: __main__.py."]
    )  # fmt: skip


def test_a_tenant_without_anything_gives_code_that_ruff_and_mypy_accept(tenant: Tenant, tmp_path: Path) -> None:
    assert export(tenant, tmp_path / "out").exit_code == 0
    check(tmp_path / "out")


def test_a_selection_refers_to_the_rest_by_lookup(small: Tenant, tmp_path: Path) -> None:
    small.seed(types=[{**ROLE, "id": "t-other", "name": "Business Role"}])
    small.seed(profiles=[profile("Boss", profile_type="t-other", inherit_entities_from_access_profiles=["p-sales"])])
    assert export(small, tmp_path / "boss", "--name", "bo*", "--no-members").exit_code == 0
    assert (
        files(tmp_path / "boss")["__main__.py"]
        == f'''\
"""The access profiles of {small.url}."""

import pulumi_veza as veza

# Looked up: these are not managed here.
business_role = veza.get_access_profile_type(name="Business Role")
team_role = veza.get_access_profile_type(name="Team Role")
sales = veza.get_access_profile(name="Sales", profile_type=team_role.id)

boss = veza.AccessProfile(
    "boss",
    name="Boss",
    profile_type=business_role.id,
    inherits_from=[sales.id],
    on_destroy="retain",
)
'''
    )
    export(small, tmp_path / "labels", "--label", "requestable")
    assert list(json.loads((tmp_path / "labels/.veza-export.json").read_text())["profiles"]) == ["p-base"]
    export(small, tmp_path / "type", "--type", "team*", "--integration", "SALES*")
    nothing = export(small, tmp_path / "none", "--name", "nobody")
    assert nothing.exit_code == 2
    assert nothing.stderr.startswith("could not export: --name nobody selects none of the 2 types and 4 profiles")
    assert not (tmp_path / "none").exists()


def test_what_shares_a_name_is_told_apart_by_its_id_and_nothing_else_is(small: Tenant, tmp_path: Path) -> None:
    small.seed(profiles=[profile("Sales", id="p-sales-2"), profile("SALES", id="p-sales-3")])
    done = export(small, tmp_path)
    assert done.exit_code == 0
    main = program_of(tmp_path)
    assert main.count("existing_id=") == 2
    for id_ in ("p-sales", "p-sales-2"):
        assert f'    profile_type=team_role.id,\n    existing_id="{id_}",\n' in main
    # One of them alone is not told by its name either.
    small.edit_profile("p-sales-2", labels=["two"])
    (tmp_path / "alone" / ".git").mkdir(parents=True)
    assert export(small, tmp_path / "alone", "--label", "two").exit_code == 0
    assert program_of(tmp_path / "alone").count('existing_id="p-sales-2"') == 1


def test_what_no_name_tells_stands_there_by_its_id_with_the_reason(small: Tenant, tmp_path: Path) -> None:
    small.seed(
        types=[{**ROLE, "id": "t-self", "name": "Self", "allow_inherited_from_types": ["t-self"]}],
        profiles=[profile("Twin", id="p-1"), profile("Twin", id="p-2"), profile("Hidden")],
    )
    parents = ["p-1", "p-hidden", "p-base"]
    small.seed(profiles=[profile("Child", inherit_entities_from_access_profiles=parents)])
    small.key(hidden_profiles=["Hidden"])
    assert export(small, tmp_path / "child", "--name", "child").exit_code == 0
    small.clear_keys()
    main = (tmp_path / "child/__main__.py").read_text()
    assert main.endswith("""\
    inherits_from=[
        # The access profile 'Twin' (p-1): its name does not tell which one.
        "p-1",
        base.id,
        # An access profile that the key of the export does not see.
        "p-hidden",
    ],
    on_destroy="retain",
)
""")
    assert export(small, tmp_path / "type", "--type", "Self").exit_code == 0
    main = (tmp_path / "type/__main__.py").read_text()
    assert (
        """\
    allow_inherited_from_types=[
        # The id of self, which does not stand above.
        "t-self",
    ],
"""
        in main
    )


def test_the_progress_is_shown_on_a_terminal_only(small: Tenant, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "pulumi_veza.cli", "export", str(tmp_path / "out")],
        env={**os.environ, **small.env(), "TERM": "xterm"},
        stdout=subprocess.PIPE,
        stderr=theirs,
        text=True,
    ) as running:
        os.close(theirs)
        out, _ = running.communicate(timeout=60)
    shown = ""
    with contextlib.suppress(OSError):  # at the end of what was written
        while part := os.read(ours, 10_000):
            shown += part.decode(errors="replace")
    os.close(ours)
    assert running.returncode == 0
    assert out.startswith("Exported 1 type, 3 profiles")
    assert "Member lists" in shown
    assert "3/3" in shown


def test_a_profile_whose_members_cannot_be_read_is_listed_with_the_reason(small: Tenant, tmp_path: Path) -> None:
    small.fault(path="/p-sales/versions/1/members", status=403, count=None)
    done = export(small, tmp_path)
    assert done.exit_code == 1
    assert "1 not exported (all are in NOT-EXPORTED.md)" in done.stdout
    [line] = [each for each in (tmp_path / "NOT-EXPORTED.md").read_text().splitlines() if each.startswith("- ")]
    assert line.startswith("- members of access profile 'Sales' (p-sales): listing the members")
    assert "403" in line
    main = (tmp_path / "__main__.py").read_text()
    assert 'veza.MembershipSet(\n    "base"' in main
    assert 'veza.MembershipSet(\n    "sales"' not in main


def test_members_of_an_unknown_source_are_not_guessed(small: Tenant, tmp_path: Path) -> None:
    small.quirks(integer_enumerations=True)
    done = export(small, tmp_path)
    assert done.exit_code == 1
    assert "the API does not name the source of 3 of them" in done.stdout
    assert "MembershipSet" not in (tmp_path / "__main__.py").read_text()


def test_e_mail_addresses_are_read_once_each_and_an_interrupted_export_goes_on(small: Tenant, tmp_path: Path) -> None:
    fault = small.fault(path="/identities/9f000000", status=500, count=None)
    failed = export(small, tmp_path / "out", "--emails", VEZA_MAX_RETRIES="0")
    assert failed.exit_code == 2
    assert len(failed.stderr.splitlines()) == 1
    assert [each.name for each in (tmp_path / "out").iterdir()] == [".veza-emails.jsonl"]
    fault.remove()
    small.clear_requests()
    assert export(small, tmp_path / "out", "--emails").exit_code == 0
    asked = [each["path"].rpartition("/")[2] for each in small.requests(path="/identities/")]
    assert "9f000000-0002" in asked
    assert len(asked) < 3
    found = yaml.safe_load((tmp_path / "out/people.yaml").read_text())
    assert found["Ben Okafor"] == {"id": "77777777-0003", "email": "ben@example.com"}
    assert not (tmp_path / "out/.veza-emails.jsonl").exists()
    # Without the option the addresses stay, and nobody is asked.
    small.clear_requests()
    assert "No file was changed." in export(small, tmp_path / "out").stdout
    assert small.requests(path="/identities/") == []


def test_hostile_names_give_code_that_ruff_and_mypy_accept(tenant: Tenant, tmp_path: Path) -> None:
    tenant.seed(
        types=[ROLE, {"name": "\"\"\"type\\ '''", "id": "t-hostile", "allow_inherit_entities": True}],
        identities=[{"id": f"i-{place}", "name": name} for place, name in enumerate(HOSTILE_NAMES)],
        profiles=[
            {
                "id": f"p-{place}",
                "name": name,
                "profile_type": "t-role" if place % 2 else "t-hostile",
                "description": name,
                "labels": [name],
                "custom_properties": {"key": name},
                "members": [f"i-{place}"],
            }
            for place, name in enumerate(HOSTILE_NAMES)
        ],
    )
    done = export(tenant, tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert "profiles/team_role.py" in files(tmp_path / "out")
    check(tmp_path / "out")
    names = json.loads((tmp_path / "out/.veza-export.json").read_text())["profiles"].values()
    assert len({each.casefold() for each in names}) == len(HOSTILE_NAMES)
    # A reader of people.yaml finds everybody by a name.
    found = yaml.safe_load((tmp_path / "out/people.yaml").read_text())
    assert len(found) == len(HOSTILE_NAMES)


def test_a_large_tenant_has_a_module_for_each_type_and_one_for_types_that_need_each_other(
    tenant: Tenant, tmp_path: Path
) -> None:
    made = random_tenant(7, types=6, profiles=60, members=80)
    # Above, everything inherits from everything: here the first half of the types from themselves alone.
    for each in made.seed["profiles"]:
        early = each["profile_type"] < "type-03"
        each["inherit_entities_from_access_profiles"] = [
            parent["id"]
            for parent in made.seed["profiles"]
            if parent["id"] in each["inherit_entities_from_access_profiles"]
            and (parent["profile_type"] == each["profile_type"] if early else True)
        ]
    made.put_into(tenant)
    assert export(tenant, tmp_path / "out").exit_code == 0
    modules = [path for path in files(tmp_path / "out") if path.startswith("profiles/")]
    assert 4 <= len(modules) <= 7
    check(tmp_path / "out")
