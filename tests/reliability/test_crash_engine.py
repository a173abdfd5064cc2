"""The engine is killed at every HTTP boundary of every operation; running it again brings all to what is wanted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import get_args

import psutil
import pytest

from tests.reliability.crashing import OPERATIONS, PROGRAMS, Boundary, Checkpoints, Crash, Laboratory, Place
from tests.support.comparison import assert_quiet, findings, repeated_access_requests, undocumented
from tests.support.tenant import Tenant

BOUNDARIES: tuple[Boundary, ...] = get_args(Boundary)
CHECKPOINTS: tuple[Checkpoints, ...] = get_args(Checkpoints)

ONE_OF_EACH = {
    "create": Place("POST", "/access_profiles$", "", 0),
    "update": Place("PUT", "/members$", "REMOVE", 0),
    "replace": Place("PATCH", "/versions/1$", "", 0),
    "destroy": Place("PUT", "/members$", "", 1),
}

WAIT_HERE = """
def wait_here(name):
    import pathlib, time
    pathlib.Path(name).touch()
    time.sleep(600)
"""
"""For a program that is killed while it waits."""


LISTS = {
    "create": {"access_profiles_types", "access_profiles"},
    "update": {"access_profiles", "members"},
    "destroy": {"access_profiles", "members"},
}
"""What each operation reads: nothing that is known already."""


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    folder = tmp_path_factory.mktemp("crash")
    with Tenant.start(db=folder / "tenant.db") as tenant:
        laboratory = Laboratory(tenant, folder / "tenant.db", folder)
        yield laboratory
        laboratory.close()


def judged(crash: Crash, laboratory: Laboratory, *, quiet: bool = True) -> list[str]:
    """Return what is wrong after the operation has run again."""
    tenant = laboratory.tenant
    found = findings(crash.stack, tenant, foreign=laboratory.foreign, explained=crash.explained)
    twice = repeated_access_requests(tenant)
    wrong = [*found.in_words(), *twice, *undocumented(tenant.requests())]
    if crash.operation == "destroy":
        assert crash.stack.resources() == {}
        members = [who for name in ("Sales", "Desk") for who in tenant.members(name)]
        wrong += [f"not removed: {who}" for who in members]
        wrong += [f"{name} is not paused" for name in ("Sales", "Desk") if tenant.profile(name)["state"] != "PAUSED"]
    elif quiet:
        assert_quiet(crash.stack, tenant)
    return wrong


def killed_and_run_again(
    laboratory: Laboratory,
    operation: str,
    place: Place,
    boundary: Boundary,
    checkpoints: Checkpoints,
    *,
    quiet: bool = True,
) -> list[str]:
    """Return what is wrong after one crash."""
    crash = laboratory.start_of(operation)
    if checkpoints == "skipped":
        crash.skip_checkpoints()
    try:
        crash.kill_at(place, boundary)
        crash.again()
        wrong = judged(crash, laboratory, quiet=quiet)
    except AssertionError as error:
        wrong = [str(error)]
    return [f"{operation}, {checkpoints} checkpoints, killed {boundary} of {place}: {each}" for each in wrong]


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("checkpoints", CHECKPOINTS)
@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.catalogue(17)
@pytest.mark.catalogue(18)
def test_a_kill_at_any_changing_request_loses_and_doubles_nothing(
    laboratory: Laboratory, operation: str, boundary: Boundary, checkpoints: Checkpoints
) -> None:
    places = laboratory.mutating(operation)
    wrong = [
        each for place in places for each in killed_and_run_again(laboratory, operation, place, boundary, checkpoints)
    ]
    assert len(places) >= 5
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("boundary", "checkpoints"),
    [("after_commit", "ordinary"), pytest.param("before_commit", "skipped", marks=pytest.mark.slow)],
)
@pytest.mark.parametrize(
    "operation",
    [
        "create",
        pytest.param("update", marks=pytest.mark.slow),
        pytest.param("replace", marks=pytest.mark.slow),
        "destroy",
    ],
)
@pytest.mark.catalogue(17)
@pytest.mark.catalogue(18)
def test_a_kill_at_one_request_of_each_operation_loses_and_doubles_nothing(
    laboratory: Laboratory, operation: str, boundary: Boundary, checkpoints: Checkpoints
) -> None:
    """A slice of the whole matrix, small enough for every run."""
    wrong = killed_and_run_again(
        laboratory, operation, ONE_OF_EACH[operation], boundary, checkpoints, quiet=operation == "create"
    )
    assert not wrong, "\n".join(wrong)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_kill_at_any_reading_request_loses_and_doubles_nothing(laboratory: Laboratory, operation: str) -> None:
    places = laboratory.reading(operation)
    wrong = [
        each
        for place in places
        for each in killed_and_run_again(laboratory, operation, place, "before_commit", "ordinary")
    ]
    lists = {place.path.rstrip("$").rpartition("/")[2] for place in places}
    assert len(places) >= 3 if operation == "replace" else lists == LISTS[operation]
    assert not wrong, "\n".join(wrong)


@pytest.mark.slow
@pytest.mark.parametrize("checkpoints", CHECKPOINTS)
@pytest.mark.parametrize(
    "moment",
    [
        pytest.param('import pulumi\nwait_here("here")', id="while the program has not declared anything"),
        pytest.param('role = \nrole.id.apply(lambda _: wait_here("here"))', id="between two operations"),
    ],
)
def test_a_kill_while_no_request_is_on_its_way_loses_and_doubles_nothing(
    laboratory: Laboratory, moment: str, checkpoints: Checkpoints
) -> None:
    crash = laboratory.start_of("create")
    if checkpoints == "skipped":
        crash.skip_checkpoints()
    after, wait = moment.splitlines()
    lines = PROGRAMS["create"].splitlines()
    place = next(number for number, line in enumerate(lines, 1) if line.startswith(after))
    crash.stack.write("\n".join([*lines[:place], WAIT_HERE, wait, *lines[place:]]))
    running = crash.start()
    running.wait_until((crash.stack.project / "here").exists, "the place to wait at")
    running.kill()
    made = laboratory.tenant.requests(mutating=True)
    crash.stack.write(PROGRAMS["create"])
    crash.again()
    assert len(made) == ("role" in after)
    assert judged(crash, laboratory) == []


def test_after_a_kill_the_engine_says_what_it_does_not_know_and_the_way_back_is_short(laboratory: Laboratory) -> None:
    crash = laboratory.start_of("create")
    stack = crash.stack
    crash.kill_at(ONE_OF_EACH["create"], "after_commit")
    locked = stack.run(*crash.command, check=False)
    assert locked.returncode
    assert "the stack is currently locked by 1 lock(s)" in locked
    assert "pulumi cancel" in locked
    again = crash.again()
    assert "pending operations from previous deployment" in again
    assert "interrupted while creating" in again
    # The other profile of the run may have been made as well when the engine was killed.
    assert re.search(r"taking over the existing access profile '|access profiles that exist are taken over", str(again))
    stack.refresh("--clear-pending-creates", skip_preview=True)
    assert "pending_operations" not in stack.export()["deployment"]
    assert judged(crash, laboratory) == []


@pytest.mark.slow
def test_a_kill_while_the_file_backend_writes_a_checksum_is_mended_by_deleting_that_and_avoided_by_an_option(
    laboratory: Laboratory,
) -> None:
    """The window is too short to be hit at will, so the file is emptied as a kill in that window leaves it."""
    crash = laboratory.start_of("update")
    stack = crash.stack
    (checksum,) = (stack.backend / ".pulumi" / "stacks").rglob("dev.json.attrs")
    checksum.write_text("")
    assert "failed to load checkpoint: EOF" in stack.run(*crash.command, check=False)
    assert crash.spoilt() == [checksum]
    stack.environment["PULUMI_BACKEND_URL"] = f"{stack.backend.as_uri()}?metadata=skip"
    crash.again()
    assert not checksum.exists()
    assert judged(crash, laboratory) == []


@pytest.mark.catalogue(19)
def test_ctrl_c_once_ends_after_the_requests_in_flight_and_the_state_knows_them(laboratory: Laboratory) -> None:
    crash = laboratory.start_of("create")
    fault = ONE_OF_EACH["create"].hold(laboratory.tenant, "after_commit")
    running = crash.start()
    fault.wait_until_it_holds_up(running)
    running.interrupt()
    running.wait_for("cancelling")
    fault.release()
    result = running.result(timeout=30)
    assert result.returncode
    assert not crash.locked
    state = crash.stack.export()["deployment"]
    assert "pending_operations" not in state
    held = {each["name"] for each in laboratory.tenant.profiles()} - {"Foreign"}
    assert held
    assert held == {each["inputs"]["name"] for each in state["resources"] if "AccessProfile::" in each["urn"]}
    crash.again()
    assert judged(crash, laboratory) == []


@pytest.mark.catalogue(19)
@pytest.mark.slow
def test_ctrl_c_twice_ends_at_once_and_running_again_completes_it(laboratory: Laboratory) -> None:
    crash = laboratory.start_of("create")
    fault = ONE_OF_EACH["create"].hold(laboratory.tenant, "after_commit")
    running = crash.start()
    fault.wait_until_it_holds_up(running)
    running.interrupt()
    running.wait_for("cancelling")
    running.interrupt()
    assert running.result(timeout=20).returncode
    assert psutil.wait_procs(running.processes(), timeout=5)[1] == []
    fault.release(drop=True)
    fault.remove()
    crash.again()
    assert judged(crash, laboratory) == []


@pytest.mark.slow
def test_a_kill_of_the_cli_alone_lets_the_plugin_finish_its_request_and_running_again_finds_it(
    laboratory: Laboratory,
) -> None:
    crash = laboratory.start_of("create")
    tenant = laboratory.tenant
    fault = ONE_OF_EACH["create"].hold(tenant, "before_commit")
    running = crash.start()
    fault.wait_until_it_holds_up(running)
    running.process.kill()
    running.process.wait()
    fault.release()
    fault.remove()
    assert any("pulumi.dynamic" in process.cmdline() for process in running.processes())
    assert crash.locked
    crash.again()
    assert judged(crash, laboratory) == []
