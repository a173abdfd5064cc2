"""The recipe for GitHub Actions: its files are safe, and its steps do what its README says."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from pulumi_veza.impact.document import Document, dump, load
from pulumi_veza.impact.document import StackImpact as SeenStack
from pulumi_veza.impact.stopping import stopped
from tests.examples.recipe import ANNOTATE, APPROVED, COMMENT, README, RECIPE, STOP, text
from tests.examples.test_documentation import block
from tests.examples.workflows import BOT, Forge, Job, Run
from tests.impact.test_renderings import a_refused_change, some_change
from tests.support.stack import Stack

WORKFLOWS = sorted(RECIPE.glob("*.yml"))
PINNED = r"(actions|pulumi|github)/[a-z/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+"
MORE_PERMISSIONS = {
    "impact": {"pull-requests": "write"},
    "deploy": {"pull-requests": "read", "actions": "read"},
}


def steps_of(workflow: dict[str, Any]) -> list[dict[str, Any]]:
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


# The files


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_a_workflow_may_do_little_and_is_pinned(file: Path) -> None:
    workflow = yaml.safe_load(file.read_text())
    # YAML takes `on` for a truth value.
    assert set(workflow[True]) <= {"pull_request", "merge_group", "push", "schedule", "workflow_dispatch"}
    assert workflow["permissions"] == {}
    for name, job in workflow["jobs"].items():
        assert job["permissions"] == {"contents": "read", **MORE_PERMISSIONS.get(name, {})}
        assert job["timeout-minutes"] <= 60
        assert job["concurrency"]["cancel-in-progress"] is (name != "deploy")
        assert "${{ matrix.stack }}" in job["concurrency"]["group"]
    used = re.findall(r"uses: (.*)", file.read_text())
    assert len(used) == sum("uses" in step for step in steps_of(workflow))
    assert [each for each in used if not re.fullmatch(PINNED, each)] == []
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
    assert set(with_secrets) <= {"Preview", "Look again", "Up", "Compare the tenant with the program"}


def test_what_deploys_uses_the_fast_mode() -> None:
    steps = [step for file in WORKFLOWS for step in steps_of(yaml.safe_load(file.read_text()))]
    deploying = [step for step in steps if "pulumi up " in step.get("run", "")]
    assert [step["env"]["PULUMI_SKIP_CHECKPOINTS"] for step in deploying] == ["true"]


def test_all_jobs_set_up_the_same() -> None:
    jobs = [job for file in WORKFLOWS for job in yaml.safe_load(file.read_text())["jobs"].values()]
    assert len(jobs) == 3
    first, *others = [job["steps"][:4] for job in jobs]
    assert [step for step in first if "run" in step] == [first[3]]
    assert others == [first, first]


# The comment


def saved(folder: Path, document: Document) -> None:
    """Write a document where the steps look for it."""
    (folder / "project").mkdir(exist_ok=True)
    (folder / "project" / "impact.json").write_text(dump(document))


def of_prod(document: Document) -> Document:
    """Return a document as one about the stack `access/prod`."""
    seen = [SeenStack(name="access/prod", resources=1, changing=1)]
    return document.model_copy(update={"stacks": seen, "valid_at": "9"})


def commented(job: Job, forge: Forge, number: int, *stacks: str, folder: Path) -> Run:
    """Run the step that comments, after a preview of these stacks."""
    stack = Stack(folder)
    seen = [SeenStack(name=name, resources=1, changing=1) for name in stacks or ("access/prod",)]
    document = some_change().model_copy(update={"valid_at": str(number), "stacks": seen})
    saved(folder, document)
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


@pytest.mark.slow
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


@pytest.mark.parametrize(
    ("document", "head", "code"),
    [
        (stopped("the program failed: NameError", ["access/prod"], "9"), "Nothing could be checked: the program", 2),
        (
            of_prod(a_refused_change()),
            "pulumi up will refuse this change, and nothing is changed: the set 'crew' would remove 3 of 4",
            1,
        ),
    ],
    ids=["not checked", "refused"],
)
def test_what_cannot_go_on_takes_the_place_of_the_comment_that_is_there_and_then_fails(
    impact_job: Job, forge: Forge, tmp_path: Path, document: Document, head: str, code: int
) -> None:
    commented(impact_job, forge, 5, folder=tmp_path)
    assert "1 person loses" in forge.bodies()[101]
    saved(tmp_path, document)
    for step in (ANNOTATE, COMMENT):
        assert impact_job.run(forge, Stack(tmp_path), only=step).failed is None
    (comment,) = forge.bodies().values()
    assert comment.splitlines()[2].replace("\\", "").startswith(f"### Access impact: {head}")
    stopped_by = impact_job.run(forge, Stack(tmp_path), only=STOP)
    assert stopped_by.steps[0].returncode == code


# What was approved


@pytest.fixture
def deploy_job() -> Job:
    return Job.load(text("veza.yml"), "deploy")


@pytest.fixture
def approved(forge: Forge, tmp_path: Path) -> Stack:
    """Return the repository after a pull request with a document was merged."""
    stack = Stack(tmp_path, "prod")
    saved(tmp_path, some_change())
    forge.upload("access-impact-prod-12", [stack.project / "impact.json"])
    forge.merge("ad0be001")
    return stack


def test_the_document_of_the_last_commit_from_before_the_merge_is_taken(
    deploy_job: Job, forge: Forge, approved: Stack
) -> None:
    newest = some_change().model_copy(update={"valid_at": "newest"})
    saved(approved.root, newest)
    forge.upload("access-impact-prod-12", [approved.project / "impact.json"])
    for other, more in (
        ("access-impact-test-12", {}),
        ("access-impact-prod-13", {}),
        ("access-impact-prod-12", {"head_sha": "cafe0000"}),
        ("access-impact-prod-12", {"head_repository_id": 8}),
        ("access-impact-prod-12", {"at": "2030-01-01T12:00:01Z"}),
    ):
        saved(approved.root, some_change().model_copy(update={"valid_at": f"{other} {more}"}))
        forge.upload(other, [approved.project / "impact.json"], **more)
    done = deploy_job.run(forge, approved, only=APPROVED)
    assert done.failed is None
    assert load((approved.project / "approved" / "impact.json").read_text()) == newest


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda forge: setattr(forge, "commit", "0bad"), "No pull request was merged with the commit 0bad"),
        (lambda forge: forge.merge("ad0be001", at=""), "No pull request was merged with the commit ad0be001"),
        (lambda forge: forge.change_artifact(1, expired=True), "has no access-impact-prod-12 of its last commit"),
        (lambda forge: forge.change_artifact(1, name="access-impact-test-12"), "#12 has no access-impact-prod-12"),
        (lambda forge: forge.change_artifact(1, created_at="2031-01-01T00:00:00Z"), "#12 has no access-impact"),
    ],
    ids=["no pull request", "not merged", "expired", "of another stack", "after the merge"],
)
def test_where_nothing_was_approved_nothing_is_deployed_and_the_way_out_is_said(
    deploy_job: Job, forge: Forge, approved: Stack, spoil: Callable[[Forge], Any], said: str
) -> None:
    spoil(forge)
    done = deploy_job.run(forge, approved, only=APPROVED)
    assert done.failed == APPROVED
    assert done.output.startswith("::error::")
    assert done.output.count("\n") == 1
    assert said in done.output
    assert "Nothing is deployed. Open a pull request with any change" in done.output


# Install


@pytest.mark.parametrize("right", [True, False])
def test_only_what_has_the_hash_that_is_written_is_installed(
    impact_job: Job, forge: Forge, tmp_path: Path, right: bool
) -> None:
    stack = Stack(tmp_path)
    (stack.project / "wheels").mkdir(parents=True)
    wheel = stack.project / "wheels" / "tool-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("tool-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tool\nVersion: 1.0\n")
        archive.writestr("tool-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
    digest = hashlib.sha256(wheel.read_bytes() if right else b"").hexdigest()
    (stack.project / "requirements.txt").write_text(f"./wheels/{wheel.name} --hash=sha256:{digest}\n")
    done = impact_job.run(forge, stack, only="Install")
    assert (done.failed is None) is right
    assert ("Would install tool-1.0" if right else "DO NOT MATCH THE HASHES") in done.output


# Beside the jobs


def test_the_steps_for_code_scanning_fit_into_the_workflow(impact_job: Job, forge: Forge, tmp_path: Path) -> None:
    findings, *uploads = yaml.safe_load(block(README, "sarif"))
    used = re.findall(r"uses: (.*)", block(README, "sarif"))
    assert len(used) == len(uploads) == 2
    assert all(re.fullmatch(PINNED, each) for each in used)
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
