"""The functions in a program: what they give, whose settings they use, and what they say when nothing fits."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.fixtures import StackFactory
from tests.support.programs import Code, entitlement, program
from tests.support.stack import Stack
from tests.support.tenant import Tenant

KEY = "a-key-that-nobody-must-see"

LOOKUPS: dict[str, Any] = {
    "types": Code("[each.name for each in veza.get_access_profile_types()]"),
    "type": Code("veza.get_access_profile_type(name='Role').id"),
    "profiles": Code("sorted(each.name for each in veza.get_access_profiles())"),
    "of the type": Code("[e.name for e in veza.get_access_profiles(filter=veza.filters.eq('profile_type', 't-app'))]"),
    "labelled": Code(
        "[e.name for e in veza.get_access_profiles(filter=veza.filters.and_("
        "veza.filters.co('labels', 'sales'), veza.filters.eq('profile_type', 't-role')))]"
    ),
    "profile": Code("veza.get_access_profile(name='Team').id"),
    "of two": Code("veza.get_access_profile(name='Twin', profile_type='t-app').id"),
    "members": Code("[m.identity_id for m in veza.get_access_profile_members('p-team', 1)]"),
    "identity": Code("[(e.entity_name, e.title, e.active) for e in [veza.get_identity('ana')]]"),
    "integrations": Code("veza.get_available_integrations()"),
    "datasources": Code("[each.id for each in veza.get_lifecycle_manager_datasources()]"),
}

ANSWERS = {
    "types": ["Role", "App"],
    "type": "t-role",
    "profiles": ["Team", "Twin", "Twin"],
    "of the type": ["Twin"],
    "labelled": ["Team"],
    "profile": "p-team",
    "of two": "p-twin-app",
    "members": ["ana"],
    "identity": [["Ana Ruiz", "Engineer", False]],
    "integrations": ["AWS", "OKTA"],
    "datasources": ["sf-prod"],
}


@pytest.fixture
def furnished(tenant: Tenant) -> Tenant:
    tenant.seed(
        integrations=["AWS", "OKTA"],
        identities=[{"id": "ana", "name": "Ana Ruiz", "title": "Engineer", "active": False}],
        datasources=[{"id": "sf-prod", "integration": "SALESFORCE"}],
        types=[
            {"name": "Role", "id": "t-role", "allow_create_relationships": True},
            {"name": "App", "id": "t-app", "allow_create_relationships": True},
        ],
        profiles=[
            {"name": "Team", "id": "p-team", "profile_type": "t-role", "labels": ["sales"], "members": ["ana"]},
            {"name": "Twin", "id": "p-twin-role", "profile_type": "t-role"},
            {"name": "Twin", "id": "p-twin-app", "profile_type": "t-app", "labels": ["sales"]},
        ],
    )
    tenant.edit_profile("p-team", entities_to_create_relationships_to=[entitlement("00G-sales")])
    tenant.clear_requests()
    return tenant


def test_every_function_answers_with_the_settings_of_the_environment(veza_stack: Stack, furnished: Tenant) -> None:
    veza_stack.write(program(exports=LOOKUPS))
    veza_stack.up(skip_preview=True)
    assert veza_stack.outputs() == ANSWERS
    assert furnished.requests(mutating=True) == []


@pytest.mark.slow
def test_the_stacks_configuration_serves_functions_and_resources_and_its_key_is_nowhere(
    stack_factory: StackFactory,
) -> None:
    with Tenant.start(token=KEY) as tenant:
        tenant.seed(types=[{"name": "Role", "id": "t-role"}], identities=["ana"])
        stack = stack_factory(
            program(
                "role = veza.get_access_profile_type(name='Role')",
                "team = veza.AccessProfile('team', name='Team', profile_type=role.id)",
                "veza.MembershipSet('team', profile_id=team.id, identity_ids=['ana'])",
                exports={"role": Code("role.id")},
            ),
            config={"veza:url": tenant.url},
            secrets={"veza:apiKey": KEY},
        )
        assert KEY not in stack.up("--diff")
        assert stack.outputs() == {"role": "t-role"}
        tenant.change_members("Team", add=["eve"])
        assert KEY not in stack.refresh("--diff", skip_preview=True)
        assert KEY not in stack.preview("--json")
        assert KEY not in stack.run("stack", "export")
        stack.environment |= {"VEZA_URL": tenant.url, "VEZA_API_KEY": "another-key"}
        refused = stack.up(check=False)
        assert refused.returncode != 0
        assert KEY not in refused
        assert "another-key" not in refused
        assert "VEZA_API_KEY" in refused
        stack.environment |= {"VEZA_URL": None, "VEZA_API_KEY": None}
        assert KEY not in stack.destroy("--diff", skip_preview=True)
        written = [path for path in stack.backend.rglob("*") if path.is_file()]
        assert len(written) > 3
        assert [path for path in written if KEY.encode() in path.read_bytes()] == []


TRIED = """
try:
    veza.get_access_profile(name={name!r})
except veza.errors.LookupFailedError as error:
    print(error)
"""


def test_a_lookup_that_finds_none_or_several_can_be_caught_and_ends_a_program_in_one_line(
    veza_stack: Stack, furnished: Tenant
) -> None:
    veza_stack.write(
        program(
            *(TRIED.format(name=name) for name in ("Taem", "Twin")),
            "veza.get_access_profile_type(name='Rolle')",
        )
    )
    preview = veza_stack.preview(check=False)
    assert preview.returncode != 0
    assert "there is no access profile named 'Taem'; there is 'Team'" in preview
    assert "2 access profiles are named 'Twin': p-twin-app, p-twin-role; write id=... in place of name=..." in preview
    assert "error: there is no access profile type named 'Rolle'; there is 'Role'" in preview
    assert "Traceback" not in preview
    # One listing serves both lookups of a profile.
    assert [each["path"].rpartition("/")[2] for each in furnished.requests()] == [
        "access_profiles",
        "access_profiles_types",
    ]


def test_a_program_reads_people_by_name_and_a_mistake_in_their_files_is_one_line(
    veza_stack: Stack, furnished: Tenant
) -> None:
    veza_stack.write(
        program(
            "people = veza.People('people.yaml')",
            "one = people['Ana Ruiz']",
            "veza.MembershipSet('team', profile_id='p-team', identity_ids=people.members('members/team.yaml'))",
            exports={"one": Code("one")},
        )
    )
    people, team = veza_stack.project / "people.yaml", veza_stack.project / "members" / "team.yaml"
    team.parent.mkdir()
    people.write_text("Ana Ruiz: ana\n")
    team.write_text("- Ana Ruiz\n")
    veza_stack.up(skip_preview=True)
    assert veza_stack.outputs() == {"one": "ana"}
    furnished.clear_requests()
    for file, content, said in [
        (team, "- Ana Ruis\n", "members/team.yaml:1: people.yaml has nobody named 'Ana Ruis'; did you mean 'Ana Ruiz'"),
        (people, "Ana: ana\n", "__main__.py:5: people.yaml has nobody named 'Ana Ruiz'; "),
    ]:
        before = file.read_text()
        file.write_text(content)
        refused = veza_stack.preview(check=False)
        file.write_text(before)
        assert refused.returncode != 0
        assert f"error: {said}" in refused
        assert "Traceback" not in refused
    assert furnished.requests() == []
