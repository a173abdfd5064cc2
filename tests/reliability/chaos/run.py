"""One run: a seed gives a tenant, a program, and steps that change both under faults; at the end the laws must hold.

A step draws from a generator of its own (``seed.number``), so that a run can be repeated without some of its steps, or
with a step's faults taken away, and the others stay as nearly as they were (see ``plans``).
"""

# ruff: noqa: ARG002  (every operation takes the same argument)

from __future__ import annotations

import contextlib
import io
import random
import re
import shutil
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.reliability.chaos import fault_schedule
from tests.reliability.chaos.manual_changes import BY_BIRTHRIGHT, BY_HAND, ManualChanges
from tests.reliability.chaos.plans import Plan
from tests.support.comparison import Fingerprint, assert_quiet, findings, fingerprint, undocumented
from tests.support.generation.edits import edited, relax
from tests.support.generation.profile_edits import new_profile, new_type
from tests.support.generation.programs import Program
from tests.support.generation.rules import FOREIGN_PROFILE, PEOPLE, Rules
from tests.support.stack import SUMMARIES, Result, Stack
from tests.support.tenant import MUTATING, FaultHandle, Tenant

Json = dict[str, Any]

TRACEBACK = "Traceback (most recent call last)"


class LawBrokenError(AssertionError):
    """A law does not hold at the end of a run, or after a step of it."""


@dataclass
class Outcome:
    """The result of a run."""

    seed: int
    log: list[str] = field(default_factory=list)
    broken: str | None = None
    steps: int = 0
    failed_steps: int = 0
    faults: int = 0
    kills: int = 0

    def __str__(self) -> str:
        return "\n".join([*self.log, *([f"BROKEN: {self.broken}"] if self.broken else [])])


def hold(plan: Plan, tenant: Tenant, folder: Path, seen: Callable[[Outcome], None]) -> None:
    """Run a plan; raise LawBrokenError with its log, and with the command that repeats it, where a law is broken.

    ``seen`` is told of every run, of those that hold as well.
    """
    outcome = take(plan, tenant, folder / str(plan.seed))
    seen(outcome)
    if outcome.broken:
        raise LawBrokenError(f"{outcome}\nAgain: {plan.command}")


def take(plan: Plan, tenant: Tenant, folder: Path) -> Outcome:
    """Run a plan; a law that does not hold is in the outcome."""
    tenant.reset()
    # What the commands print is told more shortly in the log.
    with contextlib.redirect_stdout(io.StringIO()):
        run = _Run(plan, tenant, folder)
        try:
            run.take()
        except AssertionError as error:
            run.outcome.broken = str(error)
        finally:
            tenant.clear_faults()
            run.stack.close()
            shutil.rmtree(folder)
    return run.outcome


class _Run:
    def __init__(self, plan: Plan, tenant: Tenant, folder: Path) -> None:
        rng = generator(plan.seed)
        self.plan = plan
        self.tenant = tenant
        self.outcome = Outcome(plan.seed)
        authoritative, selectors, letting_go, cautious = (rng.random() < likely for likely in (0.5, 0.3, 0.3, 0.4))
        self.rules = Rules(authoritative, ("draft", 1, 2) if selectors else (), letting_go, cautious)
        quirks = fault_schedule.quirks(rng, self.rules)
        settings = {
            "VEZA_MAX_RETRIES": rng.choice(["0", "1", "3", "3"]),
            "VEZA_PAGE_SIZE": rng.choice(["1", "2", "100"]),
        }
        self._seed_tenant(quirks)
        self.foreign: Fingerprint = fingerprint(tenant)
        self.program = Program()
        self.by_hand = ManualChanges(tenant, self.program, self.rules, quirks.get("members_stay_behind", False))
        for edit in (new_type, new_profile, new_profile):
            edit(self.program, rng, self.rules)
        self.stack = Stack.create(folder, environment={**tenant.env(), **settings, "PULUMI_SKIP_CHECKPOINTS": "true"})
        self._written = ""
        self.settled = True
        """Whether the state knows all that the program has made: the last operation was an `up` that succeeded."""
        self.say(f"seed {plan.seed}: {self.rules}, quirks {', '.join(quirks) or 'none'}, {settings}")

    def say(self, text: str) -> None:
        self.outcome.log.append(text)

    def _seed_tenant(self, quirks: dict[str, bool]) -> None:
        self.tenant.seed(
            identities=[*PEOPLE, *BY_HAND, *BY_BIRTHRIGHT, "theirs-1", "theirs-2"],
            datasources=[{"id": "sf-prod", "integration": "SALESFORCE"}],
            types=[{"name": "Foreign", "id": "t-foreign", "allow_create_relationships": True}],
            profiles=[
                {
                    "name": "Foreign",
                    "id": FOREIGN_PROFILE,
                    "profile_type": "t-foreign",
                    "labels": ["theirs"],
                    "members": ["theirs-1", {"identity_id": "theirs-2", "created_from": "BIRTHRIGHT_POLICY"}],
                },
                {"name": "Desk 2", "id": "p-namesake", "profile_type": "t-foreign", "members": ["theirs-1"]},
            ],
        )
        self.tenant.quirks(**quirks)

    def take(self) -> None:
        """Make the steps, end the faults, and check the laws."""
        for number in self.plan.steps:
            self.outcome.steps += 1
            self._step(number, generator(f"{self.plan.seed}.{number}"))
        self._end()

    # One step

    def _step(self, number: int, rng: random.Random) -> None:
        # Every part has a generator of its own, so that taking one away leaves the others as they are.
        editing, manual, failing, operating = (generator(rng.random()) for _ in range(4))
        first = not self._written
        operation = operating.choices(list(OPERATIONS), list(OPERATIONS.values()))[0]
        words = ["the first program"] if first else self._edits(editing, changing=operation != "destroy")
        if not first and manual.random() < 0.4:
            words += [self.by_hand.act(manual) for _ in range(manual.randint(1, 2))]
        self.say(f"{number}. " + "; ".join(words))
        self._write()
        self._with_checkpoints(operating.random() < 0.2)
        faults = fault_schedule.faults(failing, only_reading=operation == "refresh")
        calm = number in self.plan.calm or (not self.settled and failing.random() < 0.6)
        with self._under([] if calm else faults):
            getattr(self, f"_{operation.replace(' ', '_')}")(operating)
        self._hold_at_any_time()

    def _edits(self, rng: random.Random, *, changing: bool) -> list[str]:
        if not (self.settled and changing):
            # What a lost answer left is found again by the same program, not by any other.
            if rng.random() < 0.5:
                self._relax()
                return ["only the options are changed"]
            return ["the same program again"]
        done = [edited(self.program, rng, self.rules) for _ in range(rng.choice([1, 1, 2, 3]))]
        if released := {name for each in done for name in each.released}:
            self._let_go(released)
        return [each.words for each in done]

    def _let_go(self, resource_names: Collection[str] | None = None) -> None:
        """Note the profiles of these resources (or of all) as left in the tenant by design."""
        for name, resource in self.stack.resources().items():
            if resource["type"].endswith("AccessProfile") and (resource_names is None or name in resource_names):
                self.by_hand.explained.add(resource["id"])

    def _relax(self) -> None:
        profiles = self.tenant.profiles()
        drafts, currents = (
            {each["name"]: each[f"{word}_version_number"] for each in profiles} for word in ("draft", "current")
        )
        relax(self.program, drafts, currents)

    def _write(self) -> bool:
        """Write the program; return whether it differs from the one before."""
        before, self._written = self._written, self.program.text()
        self.program.settle()
        self.stack.write(self._written)
        return before != self._written

    def _with_checkpoints(self, wanted: bool) -> None:
        self.stack.environment["PULUMI_SKIP_CHECKPOINTS"] = None if wanted else "true"

    @contextmanager
    def _under(self, faults: list[tuple[str, Json]]) -> Iterator[None]:
        handles = [self.tenant.fault(**rule) for _, rule in faults]
        if faults:
            self.say("   faults: " + "; ".join(words for words, _ in faults))
        yield
        self.outcome.faults += sum(handle.hits for handle in handles)
        self.tenant.clear_faults()

    def _up(self, rng: random.Random) -> None:
        self._note("up", self.stack.up(skip_preview=rng.random() < 0.8, check=False))

    def _up_after_a_refresh(self, rng: random.Random) -> None:
        self._note("up --refresh", self.stack.up("--refresh", skip_preview=True, check=False))

    def _up_going_on(self, rng: random.Random) -> None:
        self._note("up --continue-on-error", self.stack.up("--continue-on-error", skip_preview=True, check=False))

    def _refresh(self, rng: random.Random) -> None:
        with self._changing_nothing("a refresh"):
            self._note("refresh", self.stack.refresh(skip_preview=True, check=False))
        # A list that lagged behind has taken out of the state what is there.
        self.settled = False

    def _preview(self, rng: random.Random) -> None:
        with self._changing_nothing("a preview"):
            self._note("preview", self.stack.preview("--diff", check=False))
        self.settled = False

    def _destroy(self, rng: random.Random) -> None:
        self._let_go()
        self._note("destroy", self.stack.destroy(skip_preview=True, check=False))
        # The same program takes over what was left; another one might not find it.
        self.settled = False

    def _kill(self, rng: random.Random) -> None:
        self._disturbed(rng, interrupt=False)

    def _interrupt(self, rng: random.Random) -> None:
        self._disturbed(rng, interrupt=True)

    def _disturbed(self, rng: random.Random, *, interrupt: bool) -> None:
        when = rng.choice(["before_commit", "after_commit"])
        method, skip = rng.choice([None, None, "POST", "PATCH", "PUT"]), rng.choice([0, 0, 1, 2, 4])
        held = self.tenant.fault(hold=when, skip=skip, **({"method": method} if method else {}))
        running = self.stack.start("up", "--yes", "--skip-preview")
        while running.process.poll() is None and not held.describe()["holding"]:
            time.sleep(0.02)
        word = "interrupt" if interrupt else "kill"
        if running.process.poll() is not None:
            self._note(f"up (ended before the {word})", running.result())
            return
        if interrupt:
            running.interrupt()
            self._let_go_on(held, rng)
            self._note(f"up, interrupted {when} of call {skip + 1} of {method or 'any method'}", running.result())
        else:
            running.kill()
            self._let_go_on(held, rng)
            self.outcome.kills += 1
            self.stack.cancel()
            self.settled = False
            self.say(f"   up, killed {when} of call {skip + 1} of {method or 'any method'}")

    def _let_go_on(self, held: FaultHandle, rng: random.Random) -> None:
        held.release(drop=rng.random() < 0.5)
        held.remove()

    def _note(self, command: str, result: Result) -> None:
        """Record the result of a command, and check what holds for every one."""
        self.settled = result.returncode == 0
        if self.settled:
            self.say(f"   {command}: done")
        else:
            self.outcome.failed_steps += 1
            self.say(f"   {command}: failed" + "".join(f"\n      {line}" for line in dict.fromkeys(_errors(result))))
        if TRACEBACK in result:
            raise LawBrokenError(f"a traceback:\n{result}")

    @contextmanager
    def _changing_nothing(self, what: str) -> Iterator[None]:
        before = {each["sequence"] for each in self.tenant.requests()}
        yield
        sent = [each for each in self.tenant.requests(mutating=True) if each["sequence"] not in before]
        if sent:
            raise LawBrokenError(f"{what} has sent {sorted(MUTATING & {each['method'] for each in sent})}: {sent}")

    def _hold_at_any_time(self) -> None:
        if wrong := undocumented(self.tenant.requests()):
            raise LawBrokenError(f"not of the documented API: {wrong}")
        self.tenant.clear_requests()

    # The end

    def _end(self) -> None:
        self.say("the end: no faults any more")
        self._relax()
        self._with_checkpoints(False)
        if self._write() or not self.settled:
            # What a change of a mode removes is removed only after a refresh that shows it.
            self._note("up", self.stack.up(skip_preview=True, check=False))
        for _ in range(1 if self.settled else 2):
            self._relax()
            self._write()
            self._must("refresh", self.stack.refresh(skip_preview=True, check=False))
            self._must_be_brought_about()
        self._hold_at_any_time()
        self._laws()

    def _must(self, command: str, result: Result) -> None:
        self._note(command, result)
        if not self.settled:
            raise LawBrokenError(f"{command} fails although there are no faults any more:\n{result}")

    def _must_be_brought_about(self) -> None:
        """Bring the program about; where a set that it no longer declares is refused, confirm that once."""
        result = self.stack.up(skip_preview=True, check=False)
        if asked := _confirmations(result):
            self._note("up", result)
            self.stack.environment["VEZA_ALLOW_REMOVALS"] = "+".join(asked)
            self.say(f"   confirmed: {', '.join(asked)}")
            result = self.stack.up(skip_preview=True, check=False)
        self._must("up", result)

    def _laws(self) -> None:
        explained = {*self.program.type_names, *BY_HAND, *BY_BIRTHRIGHT, *self.by_hand.explained}
        if self.rules.letting_go:
            explained |= set(PEOPLE)
        found = findings(self.stack, self.tenant, foreign=self.foreign, explained=explained)
        if wrong := [*found.in_words(), *self._strangers_lost()]:
            raise LawBrokenError("\n".join(wrong))
        assert_quiet(self.stack, self.tenant)

    def _strangers_lost(self) -> Iterator[str]:
        """Yield the members that somebody else added and that were removed."""
        for profile in self.tenant.profiles():
            members = self.tenant.members(profile["id"])
            for who, source in self.by_hand.strangers.get(profile["id"], {}).items():
                if who not in members and not (self.rules.authoritative and who in BY_HAND):
                    yield f"{who}, a member of {profile['name']!r} by {source}, was removed"


OPERATIONS = {
    "up": 12,
    "up after a refresh": 4,
    "up going on": 1,
    "refresh": 2,
    "preview": 1,
    "destroy": 1,
    "kill": 4,
    "interrupt": 2,
}


def _errors(result: Result) -> Iterator[str]:
    for line in str(result).splitlines():
        said = line.strip()
        if (said.startswith("error:") and said not in SUMMARIES) or "has a problem" in said:
            yield said


def _confirmations(result: Result) -> list[str]:
    """Return the values with which a refused run is to be run again."""
    return sorted(set(re.findall(r"VEZA_ALLOW_REMOVALS=(\S+)", str(result))))


def generator(seed: object) -> random.Random:
    """Return the random generator of a seed."""
    return random.Random(str(seed))  # noqa: S311 - nothing is kept secret with it
