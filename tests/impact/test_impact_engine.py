"""The whole way on the real engine: preview, impact, up, and what the tenant then shows."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pulumi_veza.impact.document import Document, dump, load
from pulumi_veza.plan import preview_json
from pulumi_veza.reports.findings import Source
from pulumi_veza.rules.removal_guard import GuardLevel
from tests.impact.truth import Prediction, access_of, opened_since
from tests.support.fixtures import StackFactory
from tests.support.stack import Stack
from tests.support.team import IDENTITIES, Team
from tests.support.tenant import Tenant
from veza_simulator.demo import DEMO

QUICKSTART = Path(__file__).resolve().parents[2] / "examples" / "quickstart"


def impact(stack: Stack, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command in the project's folder, as a user does: it runs the preview itself."""
    return command(stack, "impact", *arguments)


def command(stack: Stack, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command in the project's folder."""
    return subprocess.run(
        [sys.executable, "-m", "pulumi_veza.cli", *arguments],
        cwd=stack.project,
        env=stack._environment(),
        capture_output=True,
        text=True,
        check=False,
    )


def predicted(stack: Stack, *arguments: str) -> Document:
    done = impact(stack, "--format", "json", *arguments)
    assert done.returncode == 0, done.stderr
    return load(done.stdout)


def change(stack: Stack) -> None:
    """Let Olivia leave the sellers, Pablo join them, and the reports go."""
    program = stack.project / "__main__.py"
    text = program.read_text()
    assert '"id-olivia.grant"' in text
    kept = [line for line in text.splitlines(keepends=True) if "CN=SalesReports" not in line]
    assert len(kept) == len(text.splitlines()) - 1
    text = "".join(kept).replace('"id-olivia.grant"', '"id-pablo.serrano"')
    program.write_text(text)


COMPONENT = """
import pulumi
import pulumi_veza as veza

class Team(pulumi.ComponentResource):
    def __init__(self, name):
        super().__init__("acme:veza:Team", name)
        self.members = veza.MembershipSet(
            name, profile_id=f"p-{name}", identity_ids=["ana"], opts=pulumi.ResourceOptions(parent=self)
        )
"""
PROGRAM = """
from teams import Team

for name in ("sales", "support"):
    Team(name)
Team("board")
"""


def test_what_the_engine_says_of_components_leads_to_their_calls(veza_stack: Stack) -> None:
    (veza_stack.project / "teams.py").write_text(COMPONENT)
    veza_stack.write(PROGRAM)
    found = preview_json.preview(veza_stack.run("preview", "--json", "--show-sames").stdout)
    places = {record.name: record.source for record in found if record.kind}
    call, board = (
        line
        for line, text in enumerate((veza_stack.project / "__main__.py").read_text().splitlines(), 1)
        if "Team(" in text
    )
    inside = Source("teams.py", COMPONENT.splitlines().index("        self.members = veza.MembershipSet(") + 1)
    assert places == {
        "sales": Source("__main__.py", call, inside),
        "support": Source("__main__.py", call, inside),
        "board": Source("__main__.py", board, inside),
    }


@pytest.mark.slow
def test_it_looks_with_the_pair_in_the_configuration_of_the_stack(stack_factory: StackFactory, tenant: Tenant) -> None:
    tenant.seed(**DEMO.model_dump(include={"integrations", "identities", "datasources"}))
    stack = stack_factory(QUICKSTART, config={"veza:url": tenant.url}, secrets={"veza:apiKey": tenant.token})
    found = predicted(stack)
    assert (found.live, found.tenants, found.summary.gaining) == (True, [tenant.url], 7)
    assert {each.id for each in found.people} == found.identities.keys()
    assert tenant.token not in dump(found)


@pytest.mark.slow
def test_the_quickstart_comes_true_step_by_step(stack_factory: StackFactory, tenant: Tenant) -> None:
    tenant.seed(**DEMO.model_dump(include={"integrations", "identities", "datasources"}))
    stack = stack_factory(QUICKSTART, environment=tenant.env())

    first = predicted(stack)
    assert (first.summary.gaining, first.summary.losing, first.summary.unknowns) == (7, 0, 0)
    stack.up(skip_preview=True)
    Prediction(first).assert_true({}, access_of(tenant))
    Prediction(first).assert_requests(opened_since(tenant, 0))

    again = impact(stack, "--fail-on", "any,unknown,conflicts")
    assert (again.returncode, again.stdout.splitlines()[0]) == (0, "No change of access.")

    change(stack)
    program = (stack.project / "__main__.py").read_text().splitlines()
    before, requests = access_of(tenant), len(tenant.access_requests())
    # The type says nothing of what members lose; the tenant does.
    offline = predicted(stack, "--offline")
    assert (offline.live, offline.summary.potentially_losing, offline.summary.ungoverned) == (False, 5, 0)
    second = predicted(stack)
    assert (second.summary.ungoverned, second.summary.potentially_losing, second.summary.losing) == (4, 0, 1)
    markdown = [impact(stack, "--format", "markdown").stdout for _ in range(2)]
    assert markdown[0] == markdown[1]
    assert "Olivia Grant (`id-olivia.grant`, " in markdown[0]
    losing = next(cause for cause in second.causes if cause.name == "sellers")
    assert losing.source is not None
    assert (losing.source.file, "sellers = " in program[losing.source.line - 1]) == ("__main__.py", True)

    stack.up(skip_preview=True)
    for document in (offline, second):
        Prediction(document).assert_true(before, access_of(tenant))
        Prediction(document).assert_requests(opened_since(tenant, requests))


def test_a_preview_without_what_stays_the_same_is_refused(stack_factory: StackFactory, tenant: Tenant) -> None:
    tenant.seed(**DEMO.model_dump(include={"integrations", "identities", "datasources"}))
    stack = stack_factory(QUICKSTART, environment=tenant.env())
    stack.up(skip_preview=True)
    change(stack)
    file = stack.root / "preview.json"
    file.write_text(json.dumps(stack.preview_json()))
    done = impact(stack, str(file))
    assert done.returncode == 2
    assert "write it with `pulumi preview --json --show-sames`" in done.stderr


def test_a_preview_that_fails_is_no_answer(stack_factory: StackFactory, tenant: Tenant) -> None:
    stack = stack_factory(
        "import pulumi_veza as veza\nveza.AccessProfile('p', name='', profile_type='x')", environment=tenant.env()
    )
    done = impact(stack)
    assert (done.returncode, done.stdout) == (2, "")
    assert "name: must not be empty" in done.stderr
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_every_removal_that_is_refused_is_shown_at_once_and_one_value_confirms_it_everywhere(team: Team) -> None:
    four, three = IDENTITIES[:4], IDENTITIES[4:]
    team.tenant.seed(
        profiles=[{"name": f"Other {number}", "id": f"p-{number}", "profile_type": "t-role"} for number in (1, 2)]
    )
    team.declares(
        team={"identity_ids": four}, other={"identity_ids": three, "profile_id": "p-1"},
        gone={"identity_ids": four, "profile_id": "p-2"},
    )  # fmt: skip
    team.stack.up(skip_preview=True)
    team.declares(team={"identity_ids": four[:1]}, other={"identity_ids": three[:1], "profile_id": "p-1"})

    document = predicted(team.stack)
    over = {each.urn.rpartition("::")[2]: each for each in document.removals if each.level is GuardLevel.OVER}
    assert over.keys() == {"team", "other", "gone"}
    assert [name for name, each in over.items() if each.vanished] == ["gone"]
    failed = impact(team.stack, "--fail-on", "conflicts")
    assert failed.returncode == 1
    # Those of one cause are said together, with one text that confirms all of them.
    said = "".join(failed.stdout.split())
    assert said.count("VEZA_ALLOW_REMOVALS=") == 2
    assert all(str(each.confirmation) in said for each in over.values())

    # A preview that the guard stopped tells the first refusal alone, and says so.
    file = team.stack.project / "preview.json"
    file.write_text(team.stack.run("preview", "--json", "--show-sames", check=False).stdout)
    stopped = impact(team.stack, str(file))
    assert stopped.returncode == 2
    assert "the engine stops at the first error, and more may follow" in stopped.stderr

    # What impact prints confirms the removal for the guard, for impact, and for the policies.
    team.stack.environment["VEZA_ALLOW_REMOVALS"] = ",".join(str(each.confirmation) for each in over.values())
    confirmed = predicted(team.stack)
    assert {each.level for each in confirmed.removals} == {GuardLevel.CONFIRMED}
    file.write_text(team.stack.run("preview", "--json", "--show-sames").stdout)
    checked = command(team.stack, "policy", "check", str(file))
    assert "VEZA_ALLOW_REMOVALS" not in checked.stdout
    team.stack.up()
    assert team.members == {four[0]}
    assert team.tenant.members("p-2") == {}


def test_a_secret_list_hides_neither_its_refusal_nor_that_somebody_loses_access(
    stack_factory: StackFactory, tenant: Tenant
) -> None:
    tenant.seed(
        types=[{"name": "Role", "id": "t-role"}],
        profiles=[{"name": name, "id": f"p-{name}", "profile_type": "t-role"} for name in ("kept", "gone")],
        identities=[{"id": who, "name": f"{who}\n::error::x"} for who in IDENTITIES],
    )

    def written(*sets: tuple[str, list[str]]) -> str:
        declared = (
            f"veza.MembershipSet({name!r}, profile_id='p-{name}', identity_ids=pulumi.Output.secret({who!r}))"
            for name, who in sets
        )
        return "\n".join(["import pulumi", "import pulumi_veza as veza", *declared])

    stack = stack_factory(written(("kept", IDENTITIES[:5]), ("gone", IDENTITIES[:3])), environment=tenant.env())
    stack.up(skip_preview=True)
    stack.write(written(("kept", IDENTITIES[:2])))
    done = impact(stack, "--fail-on", "conflicts", "--format", "json")
    assert (done.returncode, done.stderr) == (1, "--fail-on conflicts: there is 1 conflict\n")
    found = json.loads(done.stdout)
    (conflict,) = found["conflicts"]
    assert conflict["what"].startswith("MembershipSet 'kept' would remove 3 of 5 members of access profile")
    assert "\n" not in conflict["what"]
    assert not any(who in done.stdout for who in ("(carl)", '"carl"'))
    reasons = {each["reason"] for each in found["unknowns"]}
    assert "who loses access is not known: whom MembershipSet 'gone' lists is secret" in reasons
