"""Run the day through the witness's recorder, and hold each step against what it promises."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tests.day.project import PROGRAM, Project, fill
from tests.day.step import Said, Step
from tests.support.stack import Result, Stack
from tests.support.tenant import Tenant
from tests.witness.recorder import Recorder

_CONFIRMATION = re.compile(r"VEZA_ALLOW_REMOVALS=([\w,-]+)")


def live_through(recorder: Recorder, day: Iterable[Step]) -> None:
    """Make every change, one after another, in one stack.

    Raises:
        AssertionError: a command did not say or do what its step promises; all such cases are listed.

    """
    fill(recorder.tenant)
    stack = recorder.stack(PROGRAM)
    project = Project(stack.project)
    broken: list[str] = []
    printed = ""
    for number, step in enumerate(day, 1):
        recorder.section(f"{number}. {step.title}")
        if step.confirms:
            confirmation = _CONFIRMATION.search(printed)
            assert confirmation, f"{step.title}: nothing was refused before:\n{printed}"
            stack.environment["VEZA_ALLOW_REMOVALS"] = confirmation[1]
        if step.by_hand:
            step.by_hand(recorder.tenant)
            recorder.refresh(stack)
        if step.edit:
            step.edit(project)
        printed = ""
        for promised, result in _commands(recorder, stack, step):
            printed += str(result)
            broken += [f"{step.title}: {each}" for each in _differences(promised, result)]
        stack.environment.pop("VEZA_ALLOW_REMOVALS", None)
        if not step.take_back:
            project.commit()
        else:
            project.take_back()
            if step.up is not None:
                recorder.up(stack)
        broken += [f"{step.title}: {each}" for each in _other_members(recorder.tenant, step)]
    assert not broken, "\n".join(broken)


def _commands(recorder: Recorder, stack: Stack, step: Step) -> Iterator[tuple[Said, Result]]:
    yield step.preview, recorder.preview(stack)
    yield step.impact, recorder.of_stack(stack, "impact", "--live")
    if step.up is not None:
        yield step.up, recorder.up(stack)


def _differences(promised: Said, result: Result) -> Iterator[str]:
    """Yield what a command ended with or did not say, whatever the order and however the terminal broke the lines."""
    if result.returncode != promised.exit_code:
        yield f"{result.command} ended with {result.returncode} instead of {promised.exit_code}"
    said = " ".join(str(result).split())
    for text in promised.texts:
        if text not in said:
            yield f"{result.command} does not say {text!r}"
    if "Traceback" in said:
        yield f"{result.command} prints a traceback"


def _other_members(tenant: Tenant, step: Step) -> Iterator[str]:
    for profile, names in step.then.items():
        found, wanted = set(tenant.members(profile)), {f"id-{name}" for name in names.split()}
        if found != wanted:
            yield f"members of {profile} are {sorted(found)}"
