"""A rehearsal on the real engine: what it does on the twin is what `up` does later, and the tenant is only read."""

from __future__ import annotations

import contextlib
import os
import signal
import stat
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from pulumi_veza.client.client import Client
from pulumi_veza.impact.document import Document, load
from pulumi_veza.impact.rehearsal_outcome import Rehearsal
from pulumi_veza.twin import document, reading
from pulumi_veza.twin.anonymising import anonymised
from tests.impact.truth import access_of, opened_since
from tests.support.fixtures import StackFactory
from tests.support.programs import Code, entitlement, program, resource
from tests.support.stack import Stack
from tests.support.tenant import Tenant

WORD = "a-secret-word-of-the-program"
MARK = "MARK_OF_A_REHEARSAL"

HEAD = """
import json
import contextlib
import os
import time

with open(os.environ["SEEN"], "a") as seen:
    json.dump({name: value for name, value in os.environ.items() if name.startswith("VEZA")}, seen)
time.sleep(float(os.environ.get("SLOWLY", "0")))
word = pulumi.Config().require_secret("word")
"""
ROLE = resource(
    "AccessProfileType",
    "role",
    name="Role",
    allow_create_relationships=True,
    allow_inherit_entities=True,
    remove_entitlement_on_member_upon_update=True,
)


def team(*people: str, groups: tuple[str, ...] = ("g-1", "g-2"), **more: Any) -> str:
    return program(
        HEAD,
        ROLE,
        resource(
            "AccessProfile",
            "sellers",
            name="Sellers",
            profile_type=Code("role.id"),
            description=Code("word"),
            entitlements=[entitlement(each) for each in groups],
            inherits_from=["p-base"],
        ),
        resource("MembershipSet", "team", profile_id=Code("sellers.id"), identity_ids=list(people), **more),
    )


class Rehearsing:
    """A stack, and the command that rehearses it."""

    def __init__(self, stack: Stack, folder: Path) -> None:
        self.stack = stack
        self.scratch = folder / "scratch"
        self.scratch.mkdir()
        self.seen = folder / "seen.txt"
        self.mark = str(uuid.uuid4())
        stack.environment |= {"SEEN": str(self.seen)}

    def start(self, *arguments: str, **more: str) -> subprocess.Popen[str]:
        self.seen.unlink(missing_ok=True)
        return subprocess.Popen(
            [sys.executable, "-m", "pulumi_veza.cli", "rehearse", *arguments],
            cwd=self.stack.project,
            env={**self.stack._environment(), "TMPDIR": str(self.scratch), MARK: self.mark, **more},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        with self.start(*arguments, **more) as process:
            out, err = process.communicate(timeout=240)
        print(out, err)
        assert self.left() == []
        assert "Traceback" not in err
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def document(self, *arguments: str, code: int = 0, **more: str) -> tuple[Document, Rehearsal]:
        done = self.run("--format", "json", *arguments, **more)
        assert done.returncode == code, done.stderr
        found = load(done.stdout)
        assert found.rehearsal is not None
        return found, found.rehearsal

    def left(self) -> list[str]:
        """Return the processes and folders that a rehearsal left behind."""
        deadline = time.monotonic() + 10
        while (
            found := [*map(str, self.processes()), *map(str, self.scratch.iterdir())]
        ) and time.monotonic() < deadline:
            time.sleep(0.05)
        return found

    def processes(self) -> list[psutil.Process]:
        """Return what lives of the command."""
        return list(self._processes())

    def _processes(self) -> Iterator[psutil.Process]:
        for each in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if each.environ().get(MARK) == self.mark and each.status() != psutil.STATUS_ZOMBIE:
                    yield each


@pytest.fixture
def rehearsing(stack_factory: StackFactory, tenant: Tenant, tmp_path: Path) -> Rehearsing:
    """Create a stack with a profile and its members, in a tenant with a profile that it inherits from."""
    tenant.seed(
        identities=[{"id": who, "name": f"{who.title()} Ruiz"} for who in ("ana", "ben", "eve", "zoe")],
        datasources=[{"id": "sf-prod", "integration": "SALESFORCE"}],
        types=[{"id": "t-base", "name": "Base", "allow_create_relationships": True}],
        profiles=[
            {
                "id": "p-base",
                "name": "Everybody",
                "profile_type": "t-base",
                "entities_to_create_relationships_to": [entitlement("g-base")],
                "members": [{"identity_id": "zoe", "created_from": "BIRTHRIGHT"}],
            }
        ],
    )
    stack = stack_factory(
        team("ana", "ben", "eve"),
        environment=dict(tenant.env()),
        secrets={"word": WORD},
        config={"veza:pageSize": "50"},
    )
    found = Rehearsing(stack, tmp_path)
    stack.up(skip_preview=True)
    tenant.clear_requests()
    return found


@pytest.mark.slow
def test_a_rehearsal_does_on_the_twin_what_up_does_later_and_only_reads_the_tenant(
    rehearsing: Rehearsing, tenant: Tenant, tmp_path: Path
) -> None:
    stack = rehearsing.stack
    stack.write(team("ana", "ben", "zoe", groups=("g-2", "g-3"), max_removal_percent=50))
    held, state, before = tenant.state(), stack.export(), access_of(tenant)
    found, rehearsal = rehearsing.document()
    # Each once, so that nothing is sent after the tenant was read, but who the people are that it concerns.
    sent = [(each["method"], each["path"].rpartition("lifecycle_management/")[2]) for each in tenant.requests()]
    assert sorted(sent) == sorted(
        [
            ("GET", "access_profiles_types"),
            ("GET", "access_profiles"),
            ("GET", f"access_profiles/{tenant.profile('Sellers')['id']}/versions/1/members"),
            ("GET", "access_profiles/p-base/versions/1/members"),
            ("GET", "/api/v1/providers/datasources/lifecycle_managers"),
            ("GET", "access_profiles:available_integrations"),
            *(("GET", f"identities/{each.id}") for each in found.people),
        ]
    )
    assert (tenant.state(), stack.export()) == (held, state)
    assert (rehearsal.done, rehearsal.refusals, rehearsal.differences, rehearsal.notes) == (True, [], [], [])
    assert {op: rehearsal.changes.get(op) for op in ("update", "create", "delete")} == {
        "update": 2,
        "create": None,
        "delete": None,
    }
    assert found.tenants == [tenant.url]
    seen = rehearsing.seen.read_text()
    assert tenant.url not in seen
    assert tenant.token not in seen
    assert "VEZA_ONLY_URL" in seen

    opened = len(tenant.access_requests())
    stack.up(skip_preview=True)
    after = access_of(tenant)
    assert {(each.identity_id, each.entitlement) for each in rehearsal.lost} == before.keys() - after.keys()
    assert {(each.identity_id, each.entitlement) for each in rehearsal.gained} == after.keys() - before.keys()
    assert (rehearsal.grants_before, rehearsal.grants_after) == (len(before), len(after))
    assert sorted((each.operation, each.identity_id, each.profile) for each in rehearsal.requests) == sorted(
        opened_since(tenant, opened).elements()
    )
    assert rehearsal.lost
    assert rehearsal.gained
    assert rehearsal.requests

    # After it, a rehearsal of the same program has nothing to do: with a refresh as well, and from a file.
    file = tmp_path / "tenant.json"
    with Client(tenant.url, tenant.token) as client:
        twin = document.document(reading.read(client))
    document.save(twin, file)
    tenant.clear_requests()
    shown = rehearsing.run("--refresh", "--tenant", str(file), VEZA_URL="", VEZA_API_KEY="")
    assert shown.returncode == 0
    assert "Rehearsed on a twin of the tenant: `pulumi up` went through (nothing to change)." in shown.stdout
    assert WORD not in shown.stdout + shown.stderr
    assert shown.stderr.split("\n") == ["starting the twin", "refresh", "preview", "up", ""]
    assert tenant.requests() == []
    for content, why in ((anonymised(twin), "is anonymised"), ({**twin, "copy_of": {"profiles": [{}]}}, "copy_of.")):
        document.save(content, file)
        refused = rehearsing.run("--tenant", str(file))
        assert (refused.returncode, refused.stdout) == (2, "")
        assert why in refused.stderr.splitlines()[-1]


def test_a_provider_with_the_address_of_the_tenant_in_the_program_reaches_nothing(
    rehearsing: Rehearsing, tenant: Tenant
) -> None:
    stack = rehearsing.stack
    # A provider of the program's own with the tenant's address in it.
    explicit = (
        f"own = pulumi.ProviderResource('pulumi-python', 'own', {{'veza:url': {tenant.url!r}, "
        f"'veza:apiKey': {tenant.token!r}}})\n"
    )
    stack.write(
        team("ana", "ben", "eve")
        + explicit
        + resource("AccessProfileType", "other", {"provider": Code("own")}, name="Other")
    )
    tenant.clear_requests()
    _, rehearsal = rehearsing.document(code=1)
    assert [each["method"] for each in tenant.requests() if each["method"] != "GET"] == []
    assert len(tenant.requests()) == 6
    assert any(f"nothing was sent to {tenant.url}: VEZA_ONLY_URL allows" in each for each in rehearsal.refusals)


@pytest.mark.slow
def test_what_is_refused_or_cannot_be_rehearsed_is_a_line_each_and_only_reads_the_tenant(
    rehearsing: Rehearsing, tenant: Tenant
) -> None:
    stack = rehearsing.stack
    # The guard of a set: refused by `up`, shown by the preview with the value that confirms it.
    stack.write(team("ana"))
    found, rehearsal = rehearsing.document(code=1)
    [removal] = found.removals
    assert not rehearsal.done
    assert len(rehearsal.refusals) == 1
    assert str(removal.confirmation) in rehearsal.refusals[0]
    found, rehearsal = rehearsing.document(VEZA_ALLOW_REMOVALS=str(removal.confirmation))
    assert (rehearsal.done, len(rehearsal.lost), rehearsal.differences) == (True, 6, [])

    # A client of the program's own.
    stack.write(
        team("ana", "ben", "eve")
        + "from pulumi_veza.client.client import Client\n"
        + f"list(Client({tenant.url!r}, {tenant.token!r}).list_access_profiles())\n"
    )
    tenant.clear_requests()
    done = rehearsing.run()
    assert len(tenant.requests()) == 6
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1].startswith(
        f"could not rehearse: the program failed: pulumi_veza.errors.SettingsError: nothing was sent to {tenant.url}"
    )

    # What is no resource of Veza.
    stack.write(
        team("ana", "ben", "eve")
        + "from pulumi import dynamic\n"
        + "class Mine(dynamic.ResourceProvider):\n"
        + "    def create(self, props):\n        return dynamic.CreateResult('1', {})\n"
        + "class Thing(dynamic.Resource):\n    pass\n"
        + "Thing(Mine(), 'mine', {})\n"
    )
    done = rehearsing.run()
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1].startswith(
        "could not rehearse: this stack has 1 resource of other providers, which `pulumi up` would really change: "
    )

    # A state that is about another tenant.
    stack.write(team("ana", "ben", "eve"))
    tenant.clear_requests()
    done = rehearsing.run(VEZA_URL=tenant.url.replace("127.0.0.1", "localhost"))
    assert (done.returncode, done.stdout) == (2, "")
    assert "belongs to the tenant" in done.stderr
    assert tenant.requests() == []
    done = rehearsing.run(VEZA_API_KEY="wrong")
    assert (done.returncode, len(done.stderr.splitlines())) == (2, 2)


@pytest.mark.slow
def test_what_was_changed_by_hand_stays_and_what_could_not_be_read_is_never_as_predicted(
    rehearsing: Rehearsing, tenant: Tenant
) -> None:
    tenant.edit_profile("Sellers", entities_to_create_relationships_to=[])
    done = rehearsing.run()
    assert (done.returncode, "What was predicted is what happened" in done.stdout) == (0, True)
    assert "changed by hand since the last refresh: Sellers; `pulumi up` leaves it as it is" in done.stderr

    # Members that the key may not see, and a tenant that fails half-way.
    tenant.fault(path="p-base/versions/1/members$", status=403, count=None)
    done = rehearsing.run()
    assert done.returncode == 2
    assert "Whether what was predicted happens is not known of 1 profile" in done.stdout
    assert "What was predicted is what happened" not in done.stdout
    assert done.stderr.splitlines()[-1] == (
        "could not check: the members of 1 profile could not be read: Everybody; nobody knows what it does to them"
    )
    tenant.clear_faults()
    tenant.fault(path="/members$", status=503, count=None)
    done = rehearsing.run(VEZA_MAX_RETRIES="0")
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 2)


@pytest.mark.slow
@pytest.mark.usefixtures("rehearsing")
def test_settings_of_the_stack_and_providers_that_read_them_lead_to_the_twin(
    stack_factory: StackFactory, tenant: Tenant, tmp_path: Path
) -> None:
    def own(*labels: str) -> str:
        return program(
            HEAD,
            "settings = pulumi.Config('veza')",
            "inputs = {'veza:url': settings.require('url'), 'veza:apiKey': settings.require_secret('apiKey')}",
            "own = pulumi.ProviderResource('pulumi-python', 'own', inputs)",
            ROLE,
            resource(
                "AccessProfile",
                "desk",
                {"provider": Code("own")},
                name="Desk",
                profile_type="t-base",
                entitlements=[entitlement(each) for each in labels],
            ),
        )

    secrets = {"word": WORD, "veza:apiKey": tenant.token}
    stack = stack_factory(own("g-1"), config={"veza:url": tenant.url}, secrets=secrets, name="own", project="second")
    (tmp_path / "second").mkdir()
    second = Rehearsing(stack, tmp_path / "second")
    tenant.clear_requests()
    _, rehearsal = second.document()
    assert (rehearsal.done, rehearsal.differences, rehearsal.people_before, rehearsal.people_after) == (True, [], 4, 4)
    assert rehearsal.changes["create"] > 2
    assert tenant.requests(mutating=True) == []
    stack.up(skip_preview=True)
    stack.write(own("g-2"))
    tenant.clear_requests()
    _, rehearsal = second.document()
    assert (rehearsal.done, rehearsal.differences, rehearsal.changes["update"]) == (True, [], 1)
    assert tenant.requests(mutating=True) == []
    # Three profiles and their members.
    assert len(tenant.requests()) == 7


@pytest.mark.parametrize("number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
def test_an_interrupt_ends_everything_that_a_rehearsal_started(rehearsing: Rehearsing, number: signal.Signals) -> None:
    with rehearsing.start(SLOWLY="60") as process:
        deadline = time.monotonic() + 60
        while not rehearsing.seen.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        [folder] = rehearsing.scratch.iterdir()
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        texts = [file.read_bytes() for file in folder.rglob("*") if file.is_file()]
        assert texts
        assert not any(WORD.encode() in text for text in texts)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert err.splitlines()[-1] == "interrupted: nothing more was done"
    assert rehearsing.left() == []
    assert os.listdir(rehearsing.scratch) == []


@pytest.mark.slow
@pytest.mark.parametrize("part", ["veza_simulator", "pulumi preview", "pulumi-language-python"])
def test_a_part_that_is_killed_ends_a_rehearsal_in_a_line_and_leaves_nothing(rehearsing: Rehearsing, part: str) -> None:
    with rehearsing.start(SLOWLY="8") as process:
        deadline = time.monotonic() + 60
        while not rehearsing.seen.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        killed = [each for each in rehearsing.processes() if part in " ".join(each.cmdline())]
        assert killed != []
        for each in killed:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.terminate()
        out, err = process.communicate(timeout=120)
    print(out, err)
    assert process.returncode in {1, 2}
    assert "Traceback" not in out + err
    assert rehearsing.left() == []
