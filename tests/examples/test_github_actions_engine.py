"""The recipe for GitHub Actions: its steps do on the real engine and a tenant what its README says."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pulumi_veza import policies
from tests.examples.recipe import AGAIN, ANNOTATE, README, RECIPE, ROOT, STOP, text
from tests.examples.test_documentation import block
from tests.examples.workflows import GITHUB_TOKEN, Forge, Job, Run
from tests.support.fixtures import StackFactory
from tests.support.stack import PASSPHRASE, Stack
from tests.support.tenant import Tenant
from veza_simulator.demo import DEMO

PACK = Path(policies.__file__).parent / "pack"
QUICKSTART = ROOT / "examples" / "quickstart"
WRITING_KEY, READING_KEY = "a-key-that-writes", "a-key-that-reads"


@pytest.fixture(scope="module")
def recipe_tenant() -> Iterator[Tenant]:
    """Start a tenant with a read-only key beside the ordinary one."""
    with Tenant.start(token=WRITING_KEY, read_only_token=READING_KEY) as running:
        yield running


@pytest.fixture
def repository(recipe_tenant: Tenant, stack_factory: StackFactory, forge: Forge) -> Stack:
    """Create a repository with the quickstart in `project` and the files of the recipe; nothing is deployed."""
    recipe_tenant.reset()
    recipe_tenant.seed(**DEMO.model_dump(include={"integrations", "identities", "datasources"}))
    stack = stack_factory(QUICKSTART, name="prod")
    shutil.copy(RECIPE / "policies.json", stack.project)
    (stack.project / "requirements.txt").write_text("# What the program needs is there.\n")
    forge.secrets |= {
        "VEZA_URL": recipe_tenant.url,
        "VEZA_API_KEY": READING_KEY,
        "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
    }
    forge.variables["PULUMI_BACKEND_URL"] = stack.backend.as_uri()
    return stack


def deploy(repository: Stack, forge: Forge) -> Run:
    """Run the job on main, which has the key that writes."""
    return Job.load(text("veza.yml"), "deploy").run(writing(forge), repository)


def writing(forge: Forge) -> Forge:
    """Return the repository as the environment `production` sees it."""
    return replace(forge, secrets={**forge.secrets, "VEZA_API_KEY": WRITING_KEY})


def next_pull_request(forge: Forge) -> None:
    forge.pull_request += 1
    forge.head = f"cafe{forge.pull_request:04}"


def merge(forge: Forge) -> None:
    forge.merge(f"ad0be{forge.pull_request:04}")


def edit(repository: Stack, old: str, new: str) -> None:
    program = repository.project / "__main__.py"
    written = program.read_text()
    assert old in written
    program.write_text(written.replace(old, new, 1))


def assert_nothing_secret(forge: Forge, repository: Stack, *runs: Run) -> None:
    files = [*forge.comments_folder.glob("*"), *(each for each in repository.project.rglob("*") if each.is_file())]
    seen = [*(run.output for run in runs), *(file.read_text(errors="replace") for file in files)]
    assert len(files) > 5
    for secret in (WRITING_KEY, READING_KEY, PASSPHRASE, GITHUB_TOKEN):
        assert [each for each in seen if secret in each] == []


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_what_a_policy_stops_is_commented_and_annotated_and_fails(
    repository: Stack, forge: Forge, impact_job: Job, recipe_tenant: Tenant
) -> None:
    new = impact_job.run(forge, repository, 2)
    assert new.failed is None
    merge(forge)
    first = deploy(repository, forge)
    assert first.failed is None
    assert "this is what was approved (sha256:" in first.of(AGAIN)
    assert "+ 9 created" in first.of("Up")

    recipe_tenant.clear_requests()
    next_pull_request(forge)
    edit(repository, '"id-olivia.grant"', '"id-pablo.serrano"')
    edit(repository, '"entity_id": "CN=SalesReports"', '"entity_id": "CN=Domain Admins"')
    stopped_by = impact_job.run(forge, repository, 3)
    assert stopped_by.failed == "Policies"
    line = 1 + (repository.project / "__main__.py").read_text().splitlines().index(
        "directory_content = veza.AccessProfileVersion("
    )
    title = "title=forbidden-entitlements%3A directory"
    assert f"::error file=project/__main__.py,line={line},{title}::" in stopped_by.of("Policies")
    assert "::warning file=project/__main__.py,line=" in stopped_by.of(ANNOTATE)
    assert "<!doctype html>" in (repository.project / "impact.html").read_text().lower()[:100]
    comment = list(forge.bodies().values())[-1]
    shown = block(README, "comment")
    assert shown.count("\n") > 15
    assert plain_of_run(comment).startswith(shown)
    assert block(README, "annotation").startswith("::error file=__main__.py")
    assert block(README, "annotation") in stopped_by.of("Policies").replace("project/__main__.py", "__main__.py")

    # Why the preview in JSON is not given the policy pack: it would say that it failed, and not by what.
    packed = ["--policy-pack", str(PACK), "--policy-pack-config", "policies.json"]
    repository.environment |= {"VEZA_URL": recipe_tenant.url, "VEZA_API_KEY": READING_KEY}
    silent = repository.run("preview", "--json", "--show-sames", *packed, check=False)
    assert silent.returncode != 0
    errors = [each for each in json.loads(silent.stdout)["diagnostics"] if each["severity"] == "error"]
    assert [each["message"] for each in errors] == ["error: preview failed\n"]

    # Somebody merges it nevertheless.
    merge(forge)
    refused = deploy(repository, forge)
    assert refused.failed == "Up"
    assert "CN=Domain Admins" in refused.output
    assert recipe_tenant.requests(mutating=True) == []
    assert_nothing_secret(forge, repository, new, first, stopped_by, refused)


def plain_of_run(comment: str) -> str:
    """Return a comment with what differs from run to run as the README has it."""
    tenant = re.sub(r"http://127\.0\.0\.1:\d+", "https://acme.vezacloud.com", comment)
    return re.sub(r"\b(\d+)-[0-9a-f]{10}\b", r"\1-0123456789", tenant)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_whole_way_adopt_change_refusal_confirmation_approval_deploy_and_drift(  # noqa: PLR0915 - step by step
    repository: Stack, forge: Forge, impact_job: Job, recipe_tenant: Tenant, stack_factory: StackFactory
) -> None:
    runs = []

    def looked(number: int) -> tuple[Run, str]:
        runs.append(impact_job.run(forge, repository, number))
        return runs[-1], list(forge.bodies().values())[-1].replace("\\", "")

    def deployed() -> Run:
        recipe_tenant.clear_requests()
        runs.append(deploy(repository, forge))
        return runs[-1]

    # Adopt: all of it exists in the tenant, and the stack knows nothing of it.
    by_hand = {"VEZA_URL": recipe_tenant.url, "VEZA_API_KEY": WRITING_KEY}
    stack_factory(QUICKSTART, name="prod", environment=by_hand).up(skip_preview=True)
    adopted, comment = looked(1)
    assert adopted.failed is None
    assert "### Access impact: No change of access." in comment
    assert comment.count("exists and is taken over") == 3
    merge(forge)
    assert deployed().failed is None
    assert recipe_tenant.requests(mutating=True) == []

    # Change.
    next_pull_request(forge)
    edit(repository, '"id-olivia.grant"', '"id-pablo.serrano"')
    changed, comment = looked(2)
    assert changed.failed is None
    assert "### Access impact: 1 person loses and 1 person gains access" in comment

    # Refusal: the comment says so first, in place of what it said before, and the job fails after it.
    edit(repository, '"id-karin.holm", "id-liam.byrne", ', "")
    refused, comment = looked(3)
    assert refused.failed == STOP
    assert "--fail-on refused: `pulumi up` will refuse 1 thing" in refused.of(STOP)
    assert len(forge.bodies()) == 2
    shown = block(README, "refused")
    assert plain_of_run(list(forge.bodies().values())[-1]).startswith(shown)
    assert "::error file=project/__main__.py,line=" in refused.of(ANNOTATE)

    # What does not work at all is a comment as well.
    edit(repository, "import pulumi_veza as veza", "import pulumi_veza as vesa")
    broken, comment = looked(4)
    assert broken.failed == STOP
    assert comment.splitlines()[2] == (
        "### Access impact: Nothing could be checked: the program failed: NameError: name 'veza' is not defined."
    )
    edit(repository, "import pulumi_veza as vesa", "import pulumi_veza as veza")
    forge.secrets["VEZA_API_KEY"] = "a-key-that-is-wrong"
    wrong, comment = looked(5)
    forge.secrets["VEZA_API_KEY"] = READING_KEY
    assert wrong.failed == STOP
    assert comment.splitlines()[2].startswith("### Access impact: Nothing could be checked: ")
    assert "401" in comment.splitlines()[2]
    assert len(forge.bodies()) == 2

    # Confirmation, with what the comment of the refusal says.
    confirmation = re.search(r'allow_removals="([^"]+)"', refused.of(ANNOTATE))
    assert confirmation
    edit(
        repository,
        '    mode="authoritative",\n',
        f'    mode="authoritative",\n    allow_removals="{confirmation[1]}",\n',
    )
    confirmed, comment = looked(6)
    assert confirmed.failed is None
    assert "### Access impact: 3 people lose and 1 person gains access" in comment

    # Approval; before it is deployed, somebody changes the tenant, and so it would remove one more person.
    merge(forge)
    recipe_tenant.change_members("Account Executive", add=["id-rosa.conti"])
    before = recipe_tenant.members("Account Executive")
    other = deployed()
    assert other.failed == AGAIN
    assert block((ROOT / "docs" / "impact.md").read_text(), "differs") in plain_of_run(other.of(AGAIN))
    assert "::error::It would not do what was approved" in other.of(AGAIN)
    assert recipe_tenant.requests(mutating=True) == []
    assert recipe_tenant.members("Account Executive") == before

    # Deploy, when that is put right.
    recipe_tenant.change_members("Account Executive", remove=["id-rosa.conti"])
    done = deployed()
    assert done.failed is None
    assert "this is what was approved (sha256:" in done.of(AGAIN)
    assert set(recipe_tenant.members("Account Executive")) == {
        "id-marta.kowalska",
        "id-noah.fischer",
        "id-pablo.serrano",
    }

    # Drift.
    drift = Job.load(text("veza-drift.yml"), "drift")
    runs.append(drift.run(forge, repository))
    assert runs[-1].failed is None
    recipe_tenant.change_members("Account Executive", add=["id-rosa.conti"])
    recipe_tenant.clear_requests()
    runs.append(drift.run(forge, repository))
    assert runs[-1].failed == "Compare the tenant with the program"
    assert "id-rosa.conti" in runs[-1].output
    assert recipe_tenant.requests(mutating=True) == []
    assert_nothing_secret(forge, repository, *runs)
