"""``pulumi-veza requests``: what it reads and asks, what it shows, and how it ends."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.programs import entitlement
from tests.support.tenant import Tenant

OURS = "urn:pulumi:dev::shop::pulumi-python:dynamic/veza"


def environment(tenant: Tenant) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("VEZA_", "PULUMI_"))}
    return {**kept, **tenant.env(), "COLUMNS": "160"}


def command(tenant: Tenant, *arguments: str, text: str | None = None, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pulumi_veza.cli", "requests", *arguments],
        input=text,
        capture_output=True,
        text=True,
        env={**environment(tenant), **more},
        check=False,
    )


@pytest.fixture
def opened(tenant: Tenant) -> dict[str, str]:
    """Open an access request for each of three people; return their ids."""
    ana = {"id": "ana", "name": "Ana Ruiz"}
    tenant.seed(
        identities=[ana, {"id": "ben", "name": "Ben Okafor"}, "eva"],
        types=[{"id": "role", "name": "Role", "allow_create_relationships": True}],
        profiles=[
            {
                "id": "p",
                "name": "Sellers",
                "profile_type": "role",
                "entities_to_create_relationships_to": [entitlement("g0")],
            }
        ],
    )
    people = ["ana", "ben", "eva"]
    body = {"access_profile_id": "p", "version_number": 1, "type": "ADD", "identity_ids": people}
    answer = tenant.api("PUT", "access_profiles/p/versions/1/members", json=body).json()
    tenant.clear_requests()
    return dict(zip(people, (each["id"] for each in answer["access_requests"]), strict=True))


def state(tenant: Tenant, ids: Any, **outputs: Any) -> str:
    """Return an exported state with a profile and a membership set whose last change opened these requests."""
    members = {"ana": {"name": "Ana Ruiz", "source": "BIRTHRIGHT"}, "ben": {"id": "ben", "name": None}}
    profile = {"name": "Sellers", "profile_type": "role", "__tenant": tenant.url}
    team = {"profile_id": "p", "access_request_ids": ids, "members": members, "__tenant": tenant.url, **outputs}
    resources = [
        {
            "urn": f"{OURS}:AccessProfile::sellers",
            "type": "pulumi-python:dynamic/veza:AccessProfile",
            "id": "p",
            "inputs": {},
            "outputs": profile,
        },
        {
            "urn": f"{OURS}:MembershipSet::team",
            "type": "pulumi-python:dynamic/veza:MembershipSet",
            "id": "p/...",
            "inputs": {},
            "outputs": team,
        },
    ]
    return json.dumps({"version": 3, "deployment": {"resources": resources}})


def test_each_request_is_told_with_its_state_plans_person_profile_and_set(
    tenant: Tenant, opened: dict[str, str]
) -> None:
    tenant.move_access_request(opened["ana"], state="COMPLETED")
    tenant.move_access_request(opened["ben"], state="FAILED", error_message="no such\x1b[31m group")
    tenant.move_access_request(opened["eva"], state="A_LATER_STATE")
    done = command(tenant, "-", text=state(tenant, list(opened.values())))
    assert (done.returncode, done.stderr) == (1, "")
    first, place, _, _, *rows = done.stdout.splitlines()
    assert first == "3 access requests: 1 failed, 1 undecided, 1 done."
    assert place == f"Stack shop/dev, tenant {tenant.url}"
    assert rows[0].split("  ")[0] == "failed: FAILED"
    assert rows[1].split("  ")[0] == opened["ben"]
    about_ben = " ".join(" ".join(rows[:3]).split())
    for text in ("Ben Okafor", "(ben)", "Sellers", "team", "GRANT FAILED", "(1 job)", "no such [31m"):
        assert text in about_ben
    assert "undecided: A_LATER_STATE" in done.stdout
    assert "Ana Ruiz" in done.stdout
    # A name that the state has is not asked for.
    asked = [each["path"].rpartition("/")[2] for each in tenant.requests(path="/identities/")]
    assert sorted(asked) == ["ben", "eva"]
    assert tenant.requests(mutating=True) == []


def test_the_json_has_the_apis_own_names(tenant: Tenant, opened: dict[str, str]) -> None:
    tenant.move_access_request(opened["ana"], state="NEEDS_MORE_INFORMATION")
    done = command(tenant, "-", "--format", "json", text=state(tenant, [opened["ana"], "forgotten"]))
    document = json.loads(done.stdout)
    assert done.returncode == 1
    assert (document["format"], document["version"]) == ("pulumi-veza-access-requests", 1)
    assert (document["tenant"], document["stacks"]) == (tenant.url, ["shop/dev"])
    assert document["counts"] == {"waiting": 1, "gone": 1}
    [plan] = document["requests"][0].pop("plans")
    assert (plan["state"], plan["request_type"], plan["jobs"]) == ("NEEDS_MORE_INFORMATION", "GRANT", 1)
    assert document["requests"][0] == {
        "id": opened["ana"],
        "outcome": "waiting",
        "state": "NEEDS_MORE_INFORMATION",
        "error_message": None,
        "people": [{"id": "ana", "name": "Ana Ruiz"}],
        "profile_id": "p",
        "profile": "Sellers",
        "set": "team",
        "urn": f"{OURS}:MembershipSet::team",
        "stack": "shop/dev",
    }
    assert document["requests"][1]["outcome"] == "gone"


def test_what_is_done_or_not_known_to_the_tenant_any_more_is_no_finding(tenant: Tenant, opened: dict[str, str]) -> None:
    tenant.move_access_request(opened["ana"], state="COMPLETED")
    done = command(tenant, "-", text=state(tenant, [opened["ana"], "forgotten"]))
    assert (done.returncode, done.stderr) == (0, "")
    assert "What is gone is not known to the tenant (any more)." in done.stdout


def test_a_stack_without_requests_ends_with_nothing(tenant: Tenant) -> None:
    for ids in ([], None, "x", [7, None, "", {}]):
        done = command(tenant, "-", text=state(tenant, ids))
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith("The last changes of the stack opened no access request.\n")
    assert tenant.requests() == []


def test_waiting_ends_when_everything_is_done(tenant: Tenant, opened: dict[str, str]) -> None:
    tenant.quirks(access_request_states=["INITIAL", "WAITING_FOR_APPROVAL", "COMPLETED"])
    done = command(tenant, "-", "--wait", text=state(tenant, list(opened.values())))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("3 access requests: 3 done.\n")
    assert len(tenant.requests(path="/access_requests/")) == 9


def test_waiting_ends_with_its_limit_and_asks_again_for_what_waits_only(tenant: Tenant, opened: dict[str, str]) -> None:
    tenant.quirks(access_request_states=["WAITING_FOR_APPROVAL"])
    tenant.move_access_request(opened["ana"], state="COMPLETED")
    done = command(tenant, "-", "--wait", "--timeout", "1", text=state(tenant, list(opened.values())))
    assert (done.returncode, done.stderr) == (1, "--timeout 1: 2 access requests still waiting\n")
    assert done.stdout.startswith("3 access requests: 2 waiting, 1 done.\n")
    assert len(tenant.requests(path=f"/access_requests/{opened['ana']}")) == 1
    assert len(tenant.requests(path=f"/access_requests/{opened['ben']}")) > 1


def test_the_progress_is_on_a_terminal_only(tenant: Tenant, opened: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    file.write_text(state(tenant, list(opened.values())))
    master, slave = pty.openpty()
    shown = subprocess.run(
        [sys.executable, "-m", "pulumi_veza.cli", "requests", str(file), "--wait", "--timeout", "1"],
        stdout=subprocess.PIPE,
        stderr=slave,
        env=environment(tenant),
        check=False,
    )
    os.close(slave)
    assert b"Access requests" in os.read(master, 100_000)
    os.close(master)
    assert b"3 access requests: 3 done." in shown.stdout


def test_the_state_of_another_tenant_is_refused_naming_both(tenant: Tenant, opened: dict[str, str]) -> None:
    other = state(tenant, list(opened.values()), __tenant="https://other.vezacloud.com")
    done = command(tenant, "-", text=other)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert "https://other.vezacloud.com" in done.stderr
    assert tenant.url in done.stderr
    assert tenant.requests() == []


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["-", "--stack", "dev"], 64, "give either a file"),
        (["-", "--format", "pdf"], 64, "there is no such format"),
        (["-", "--timeout", "-1"], 64, "--timeout"),
        (["-"], 2, "could not check: the standard input is empty"),
        (["missing.json"], 2, "could not check: cannot read missing.json"),
    ],
)
def test_what_cannot_be_checked_is_one_line(tenant: Tenant, arguments: list[str], code: int, said: str) -> None:
    done = command(tenant, *arguments, text="")
    assert (done.returncode, done.stdout) == (code, "")
    assert said in " ".join(done.stderr.split())


def test_without_settings_or_with_a_tenant_that_refuses_it_could_not_be_checked(
    tenant: Tenant, opened: dict[str, str]
) -> None:
    text = state(tenant, list(opened.values()))
    assert "could not check: " in command(tenant, "-", text=text, VEZA_API_KEY="").stderr
    done = command(tenant, "-", text=text, VEZA_API_KEY="another-key")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("could not check: reading access request ")
    assert done.stderr.count("\n") == 1
