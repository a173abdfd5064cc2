"""The recipe for GitHub Actions: its files are safe, and its steps do on the real engine what its README says."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from pulumi_veza import policies
from pulumi_veza.impact.document import StackImpact as SeenStack
from pulumi_veza.impact.document import dump
from tests.examples.test_documentation import block
from tests.examples.workflows import BOT, GITHUB_TOKEN, Forge, Job, Run
from tests.impact.test_renderings import some_change
from tests.support.fixtures import StackFactory
from tests.support.stack import PASSPHRASE, Stack
from tests.support.tenant import Tenant
from veza_simulator.demo import DEMO

ROOT = Path(__file__).resolve().parents[2]
RECIPE = ROOT / "examples" / "github-actions"
PACK = Path(policies.__file__).parent / "pack"
QUICKSTART = ROOT / "examples" / "quickstart"
WORKFLOWS = sorted(RECIPE.glob("*.yml"))
README = (RECIPE / "README.md").read_text()
COMMENT = "Comment, or bring the comment that is there up to date"
WRITING_KEY, READING_KEY = "a-key-that-writes", "a-key-that-reads"


def text(name: str) -> str:
    """Give a workflow, adapted to a project in a folder of its repository as the README says."""
    written = (RECIPE / name).read_text()
    assert written.count("  PROJECT: .\n") == 1
    return written.replace("  PROJECT: .\n", "  PROJECT: project\n")


def steps_of(workflow: dict[str, Any]) -> list[dict[str, Any]]:
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


# The files


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_a_workflow_may_do_little_and_is_pinned(file: Path) -> None:
    workflow = yaml.safe_load(file.read_text())
    # YAML takes `on` for a truth value.
    assert set(workflow[True]) <= {"pull_request", "push", "schedule", "workflow_dispatch"}
    assert workflow["permissions"] == {}
    for name, job in workflow["jobs"].items():
        more = {"pull-requests": "write"} if name == "impact" else {}
        assert job["permissions"] == {"contents": "read", **more}
        assert job["timeout-minutes"] <= 60
        assert job["concurrency"]["cancel-in-progress"] is (name != "deploy")
        assert "${{ matrix.stack }}" in job["concurrency"]["group"]
    used = [step["uses"] for step in steps_of(workflow) if "uses" in step]
    assert used
    assert [each for each in used if not re.fullmatch(r"(actions|pulumi)/[a-z-]+@v\d+", each)] == []
    for step in steps_of(workflow):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_nothing_of_an_event_and_no_secret_is_part_of_a_script(file: Path) -> None:
    workflow = yaml.safe_load(file.read_text())
    scripts = [step["run"] for step in steps_of(workflow) if "run" in step]
    assert scripts
    assert [script for script in scripts if "${{" in script] == []
    for script in scripts:
        # A variable that holds a secret may be looked at; it is never an argument of a program.
        without_tests = re.sub(r"\[ -z [^]]*\]", "", script)
        assert re.findall(r"\$\{?(VEZA_|PULUMI_CONFIG|GH_TOKEN)", without_tests) == []
    # Secrets are given to the steps that need them, and to no whole job or workflow.
    with_secrets = [step["name"] for step in steps_of(workflow) if "secrets." in json.dumps(step)]
    assert json.dumps(workflow).count("secrets.") == 3 * len(with_secrets)
    assert set(with_secrets) <= {"Preview", "Up", "Compare the tenant with the program"}


def test_all_jobs_set_up_the_same() -> None:
    jobs = [job for file in WORKFLOWS for job in yaml.safe_load(file.read_text())["jobs"].values()]
    assert len(jobs) == 3
    first, *others = [job["steps"][:4] for job in jobs]
    assert [step for step in first if "run" in step] == [first[3]]
    assert others == [first, first]


# The comment


@pytest.fixture
def forge(tmp_path: Path) -> Forge:
    return Forge(tmp_path / "forge", {})


@pytest.fixture
def impact_job() -> Job:
    return Job.load(text("veza.yml"), "impact")


def commented(job: Job, forge: Forge, number: int, *stacks: str, folder: Path) -> Run:
    """Run the step that comments, after a preview of these stacks."""
    stack = Stack(folder)
    stack.project.mkdir(exist_ok=True)
    seen = [SeenStack(name=name, resources=1, changing=1) for name in stacks or ("access/prod",)]
    document = some_change().model_copy(update={"valid_at": str(number), "stacks": seen})
    (stack.project / "impact.json").write_text(dump(document))
    done = job.run(forge, stack, number, only=COMMENT)
    assert done.failed is None
    return done


def test_a_comment_is_made_once_and_then_updated_but_by_no_older_run(
    impact_job: Job, forge: Forge, tmp_path: Path
) -> None:
    for number in range(3):
        forge.comment("ana", f"What about this? {number}")
    commented(impact_job, forge, 5, folder=tmp_path)
    (ours,) = {*forge.comments()} - {101, 102, 103}
    first = forge.bodies()[ours]
    assert first.startswith(
        '<!-- pulumi-veza-impact {"stacks": ["access/prod"], "valid_at": "5"} -->\n\n### Access impact'
    )

    commented(impact_job, forge, 5, folder=tmp_path)
    assert forge.bodies()[ours] == first
    commented(impact_job, forge, 7, folder=tmp_path)
    newer = forge.bodies()[ours]
    assert newer == first.replace('"valid_at": "5"', '"valid_at": "7"')
    files = {file: file.stat().st_mtime_ns for file in forge.comments_folder.iterdir()}
    older = commented(impact_job, forge, 6, folder=tmp_path)
    assert "the comment that is there is newer: it stays" in older.output
    assert {file: file.stat().st_mtime_ns for file in forge.comments_folder.iterdir()} == files
    assert set(forge.comments()) == {101, 102, 103, ours}


def test_every_stack_has_a_comment_of_its_own(impact_job: Job, forge: Forge, tmp_path: Path) -> None:
    for number, stacks in enumerate([("access/prod",), ("access/prod", "access/test"), ("access/test",)]):
        commented(impact_job, forge, number, *stacks, folder=tmp_path)
    commented(impact_job, forge, 3, "access/prod", folder=tmp_path)
    heads = [body.partition("\n")[0] for body in forge.bodies().values()]
    assert heads == [
        '<!-- pulumi-veza-impact {"stacks": ["access/prod"], "valid_at": "3"} -->',
        '<!-- pulumi-veza-impact {"stacks": ["access/prod", "access/test"], "valid_at": "1"} -->',
        '<!-- pulumi-veza-impact {"stacks": ["access/test"], "valid_at": "2"} -->',
    ]


def test_a_mark_that_somebody_else_wrote_is_neither_changed_nor_trusted(
    impact_job: Job, forge: Forge, tmp_path: Path
) -> None:
    forged = '<!-- pulumi-veza-impact {"stacks": ["access/prod"], "valid_at": "999"} -->\n\nNo change of access.'
    forge.comment("mallory", forged)
    forge.comment(BOT, f"It was said:\n{forged}")
    commented(impact_job, forge, 5, folder=tmp_path)
    assert forge.bodies()[101] == forged
    assert set(forge.comments()) == {101, 102, 103}
    assert "1 person loses" in forge.bodies()[103]


# The jobs on the real engine


@pytest.fixture(scope="module")
def recipe_tenant() -> Iterator[Tenant]:
    """Start a tenant with a read-only key beside the ordinary one."""
    with Tenant.start(token=WRITING_KEY, read_only_token=READING_KEY) as running:
        yield running


@pytest.fixture
def repository(recipe_tenant: Tenant, stack_factory: StackFactory, forge: Forge) -> Stack:
    """Create a repository with the quickstart in `project` and the policies of the recipe; nothing is deployed."""
    recipe_tenant.reset()
    recipe_tenant.seed(**DEMO.model_dump(include={"integrations", "identities", "datasources"}))
    stack = stack_factory(QUICKSTART, name="prod")
    shutil.copy(RECIPE / "policies.json", stack.project)
    forge.secrets |= {
        "VEZA_URL": recipe_tenant.url,
        "VEZA_API_KEY": READING_KEY,
        "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
    }
    forge.variables["PULUMI_BACKEND_URL"] = stack.backend.as_uri()
    return stack


def deploy(repository: Stack, forge: Forge, without: Collection[str] = ()) -> Run:
    """Run the job on main, which has the key that writes."""
    deploying = Forge(forge.folder, {**forge.secrets, "VEZA_API_KEY": WRITING_KEY}, forge.variables)
    return Job.load(text("veza.yml"), "deploy").run(deploying, repository, without=without)


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
def test_what_a_policy_stops_is_commented_and_annotated_and_fails(
    repository: Stack, forge: Forge, impact_job: Job, recipe_tenant: Tenant
) -> None:
    first = deploy(repository, forge)
    assert first.failed is None
    assert "+ 9 created" in first.of("Up")

    recipe_tenant.clear_requests()
    edit(repository, '"id-olivia.grant"', '"id-pablo.serrano"')
    edit(repository, '"entity_id": "CN=SalesReports"', '"entity_id": "CN=Domain Admins"')
    stopped = impact_job.run(forge, repository, 3)
    assert stopped.failed == "Policies"
    line = 1 + (repository.project / "__main__.py").read_text().splitlines().index(
        "directory_content = veza.AccessProfileVersion("
    )
    error = f"::error file=project/__main__.py,line={line},title=forbidden-entitlements%3A directory::"
    assert error in stopped.of("Policies")
    assert "::warning file=project/__main__.py,line=" in stopped.of("Annotate the lines that cause it")
    assert "<!doctype html>" in (repository.project / "impact.html").read_text().lower()[:100]
    (comment,) = forge.bodies().values()
    shown = block(README, "comment")
    assert shown.count("\n") > 20
    assert re.sub(r"http://127\.0\.0\.1:\d+", "https://acme.vezacloud.com", comment).startswith(shown)
    assert block(README, "annotation").startswith("::error file=__main__.py")
    assert block(README, "annotation") in stopped.of("Policies").replace("project/__main__.py", "__main__.py")
    refused = deploy(repository, forge, ["Install"])
    assert refused.failed == "Up"
    assert "CN=Domain Admins" in refused.output
    assert recipe_tenant.requests(mutating=True) == []
    assert_nothing_secret(forge, repository, first, stopped, refused)


@pytest.mark.slow
def test_a_pull_request_from_its_first_push_to_the_merge_and_the_drift_after_it(
    repository: Stack, forge: Forge, impact_job: Job, recipe_tenant: Tenant
) -> None:
    deploy(repository, forge)
    without = {"Install"}
    nothing = impact_job.run(forge, repository, 1, without=without)
    assert nothing.failed is None
    assert "### Access impact: No change of access." in forge.bodies()[101]

    edit(repository, '"id-olivia.grant"', '"id-pablo.serrano"')
    impact_job.run(forge, repository, 2, without=without)
    (first,) = forge.bodies().values()
    assert "1 person loses and 1 person gains access" in first
    impact_job.run(forge, repository, 2, without=without)
    assert forge.bodies() == {101: first}
    edit(repository, '"CN=SalesReports"', '"CN=Reports"')
    newer = impact_job.run(forge, repository, 4, without=without)
    assert newer.failed is None
    (second,) = forge.bodies().values()
    assert "CN=Reports" in second
    edit(repository, '"CN=Reports"', '"CN=SalesReports"')
    older = impact_job.run(forge, repository, 3, without=without)
    assert older.failed is None
    assert forge.bodies() == {101: second}

    # The guard of the membership set refuses already at preview: there is nothing to render, and the reason is said.
    edit(repository, '"id-karin.holm", "id-liam.byrne", ', "")
    guarded = impact_job.run(forge, repository, 5, without=without)
    assert guarded.failed == "Preview"
    assert "max_removal_percent is 20" in guarded.of("Preview")
    assert forge.bodies() == {101: second}
    edit(repository, '"id-marta.kowalska"', '"id-karin.holm", "id-liam.byrne", "id-marta.kowalska"')

    # Why the preview in JSON is not given the policy pack: it would say that it failed, and not by what.
    edit(repository, '"CN=SalesReports"', '"CN=Domain Admins"')
    packed = ["--policy-pack", str(PACK), "--policy-pack-config", "policies.json"]
    repository.environment |= {"VEZA_URL": recipe_tenant.url, "VEZA_API_KEY": READING_KEY}
    stopped = repository.run("preview", "--json", "--show-sames", *packed, check=False)
    assert stopped.returncode != 0
    assert [each["message"] for each in json.loads(stopped.stdout)["diagnostics"]] == ["error: preview failed\n"]
    edit(repository, '"CN=Domain Admins"', '"CN=SalesReports"')

    merged = deploy(repository, forge, without)
    assert merged.failed is None
    assert "id-pablo.serrano" in recipe_tenant.members("Account Executive")
    drift = Job.load(text("veza-drift.yml"), "drift")
    same = drift.run(forge, repository, without=without)
    assert same.failed is None
    recipe_tenant.change_members("Account Executive", add=["id-rosa.conti"])
    recipe_tenant.clear_requests()
    drifted = drift.run(forge, repository, without=without)
    assert drifted.failed == "Compare the tenant with the program"
    assert "id-rosa.conti" in drifted.output
    assert recipe_tenant.requests(mutating=True) == []
    assert_nothing_secret(forge, repository, nothing, newer, older, guarded, merged, same, drifted)


def test_the_steps_for_code_scanning_fit_into_the_workflow(impact_job: Job, forge: Forge, tmp_path: Path) -> None:
    findings, *uploads = yaml.safe_load(block(README, "sarif"))
    assert {each["uses"] for each in uploads} == {"github/codeql-action/upload-sarif@v4"}
    (tmp_path / "project").mkdir()
    preview = json.dumps({"steps": [], "duration": 1, "changeSummary": {}})
    for name, written in (("impact.json", dump(some_change())), ("preview.json", preview)):
        (tmp_path / "project" / name).write_text(written)
    shutil.copy(RECIPE / "policies.json", tmp_path / "project")
    job = replace(impact_job, said={**impact_job.said, "steps": [findings]})
    assert job.run(forge, Stack(tmp_path)).failed is None
    for upload, tool in zip(uploads, ("impact", "policy check"), strict=True):
        file = tmp_path / upload["with"]["sarif_file"].replace("${{ env.PROJECT }}", "project")
        (written,) = json.loads(file.read_text())["runs"]
        assert written["tool"]["driver"]["name"].endswith(tool)


def test_without_secrets_the_job_fails_and_says_why(impact_job: Job, forge: Forge, tmp_path: Path) -> None:
    stack = Stack(tmp_path)
    stack.project.mkdir()
    refused = impact_job.run(forge, stack, only="Preview")
    assert refused.failed == "Preview"
    assert refused.output.startswith("::error::There is no VEZA_API_KEY: GitHub gives secrets neither to forks nor")
    assert refused.output.count("\n") == 1
