"""Faults by rule: which calls a rule hits, and what it does to them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from veza_simulator.problems import not_found

When = Literal["before_commit", "after_commit"]


SECONDS_TO_GO_ON = 5


class FaultRule(BaseModel):
    """A rule: the first five fields say which calls it hits, the others what happens to them.

    A rule lets ``skip`` matching calls pass, then hits ``count`` of them (``null``: all). Where several rules
    match a call, the oldest that still has hits left takes it.
    """

    model_config = ConfigDict(extra="forbid")

    method: Literal["GET", "POST", "PATCH", "PUT"] | None = Field(
        default=None, description="The HTTP method; any where unset."
    )
    path: str = Field(default="", description="A regular expression searched for in the decoded path.")
    body: str = Field(default="", description="A regular expression searched for in the request's body.")
    skip: int = Field(default=0, ge=0, description="Matching calls that pass first.")
    count: int | None = Field(default=1, ge=1, description="How many calls are hit; null for all.")

    delay: float = Field(default=0, ge=0, description="Seconds to wait before the call is carried out.")
    status: int | None = Field(default=None, ge=200, le=599, description="Answer this status instead.")
    status_when: When = Field("before_commit", description="Whether the call is carried out before that answer.")
    answer: Any = Field(
        default=None, description="The body with status: JSON, or text sent as it is; an error body if unset."
    )
    retry_after: str | int | float | None = Field(
        default=None, description="The Retry-After header, as it is to be sent."
    )
    headers: dict[str, str] = Field(default={}, description="More headers of the answer.")
    reset: Literal["before_commit", "after_commit", "mid_body"] | None = Field(
        default=None,
        description="Reset the connection: before or after the call is carried out, or within the answer's body.",
    )
    hold: When | None = Field(default=None, description="Wait until released, before or after the call is carried out.")
    body_fault: Literal["truncated", "not_json", "wrong_content_type", "empty"] | None = Field(
        default=None, description="Spoil the body of the answer."
    )
    stale: int = Field(default=0, ge=0, le=20, description="Lists show what was there before this many changes.")
    empty_page: bool = Field(default=False, description="The list's page is empty, with more to come.")
    endless: bool = Field(default=False, description="The list says that there is more at its end too.")
    duplicates: bool = Field(default=False, description="The page's last value is repeated on the next page.")
    fail_members: dict[str, str] = Field(
        default={}, description="Identity ids whose change fails, with the error message."
    )

    @field_validator("path", "body")
    @classmethod
    def _is_a_pattern(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"{value!r} is not a regular expression: {error}") from None
        return value

    @field_validator("fail_members", mode="before")
    @classmethod
    def _list_of_ids(cls, value: Any) -> Any:
        return {each: f"{each} could not be changed" for each in value} if isinstance(value, list) else value

    def matches(self, method: str, path: str, body: bytes) -> bool:
        """Return whether the rule matches this call."""
        return (
            self.method in {None, method}
            and re.search(self.path, path) is not None
            and (not self.body or re.search(self.body, body.decode(errors="replace")) is not None)
        )


@dataclass
class Fault:
    """A rule in force: how often it was hit, and the calls that it holds."""

    id: int
    rule: FaultRule
    seen: int = 0
    hits: int = 0
    holding: int = 0
    let_go: int = 0
    _release: asyncio.Future[bool] | None = field(default=None, repr=False)

    def takes(self, method: str, path: str, body: bytes) -> bool:
        """Return whether the rule hits this call, and count the call."""
        spent = self.rule.count is not None and self.hits >= self.rule.count
        if spent or not self.rule.matches(method, path, body):
            return False
        self.seen += 1
        if self.seen <= self.rule.skip:
            return False
        self.hits += 1
        return True

    async def wait_for_release(self) -> bool:
        """Wait until the held calls are released; return whether to go on or to drop the connection."""
        if self._release is None:
            self._release = asyncio.get_running_loop().create_future()
        return await asyncio.shield(self._release)

    def release(self, go_on: bool) -> None:
        """Release the calls that are held now."""
        if self._release is not None and not self._release.done():
            self._release.set_result(go_on)
        self._release = None

    def described(self) -> dict[str, Any]:
        """Return the rule with its counters."""
        return {
            "id": self.id,
            "rule": self.rule.model_dump(exclude_defaults=True),
            "seen": self.seen,
            "hits": self.hits,
            "holding": self.holding,
        }


class Faults:
    """The rules in force, oldest first."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._last_id = 0
        self._changed = asyncio.Condition()

    def add(self, rule: FaultRule) -> Fault:
        """Activate a rule."""
        self._last_id += 1
        fault = Fault(self._last_id, rule)
        self._faults.append(fault)
        return fault

    def all(self) -> list[Fault]:
        """Return every active rule, including those that are used up."""
        return list(self._faults)

    def get(self, fault_id: int) -> Fault:
        """Return the rule of this id; raise 404 where there is none."""
        for fault in self._faults:
            if fault.id == fault_id:
                return fault
        raise not_found(f"there is no fault {fault_id}")

    def remove(self, fault: Fault) -> None:
        """Remove a rule and release the calls that it holds."""
        fault.release(True)
        self._faults.remove(fault)

    def clear(self) -> None:
        """Remove every rule and release the calls that they hold."""
        for fault in self.all():
            self.remove(fault)

    def take(self, method: str, path: str, body: bytes) -> Fault | None:
        """Return the rule that hits this call."""
        return next((fault for fault in self._faults if fault.takes(method, path, body)), None)

    async def hold(self, fault: Fault) -> bool:
        """Hold a call until it is released; return whether to go on or to drop the connection."""
        fault.holding += 1
        await self.changed()
        try:
            return await fault.wait_for_release()
        finally:
            fault.holding -= 1
            fault.let_go += 1
            await self.changed()

    async def release(self, fault: Fault, *, go_on: bool) -> None:
        """Release the calls held now, and wait until each has continued or lost its connection."""
        last = fault.let_go + fault.holding
        fault.release(go_on)
        await self.wait(lambda: fault.let_go >= last, SECONDS_TO_GO_ON)

    async def changed(self) -> None:
        """Notify everyone who waits for a counter."""
        async with self._changed:
            self._changed.notify_all()

    async def wait(self, reached: Callable[[], bool], seconds: float) -> bool:
        """Wait until ``reached`` is true; return False on a timeout."""
        async with self._changed:
            try:
                await asyncio.wait_for(self._changed.wait_for(reached), seconds)
            except asyncio.TimeoutError:
                return False
            return True
