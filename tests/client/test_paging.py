"""`pulumi_veza.client.paging`: a page is asked for while the one before it is used, and only where that is likely."""

from __future__ import annotations

from threading import Event
from typing import Any

import pytest

from pulumi_veza.client.models import Member, Page
from pulumi_veza.client.paging import pages
from pulumi_veza.errors import UnexpectedResponseError

LAST = 5


class Pages:
    """Numbered pages of one member each, and which of them were asked for."""

    def __init__(self, failing: int | None = None) -> None:
        self.asked = [Event() for _ in range(LAST + 1)]
        self._failing = failing

    def ask(self, token: str | None) -> Page[Member]:
        number = int(token or 1)
        self.asked[number].set()
        if number == self._failing:
            raise UnexpectedResponseError("not this one")
        answer: dict[str, Any] = {"values": [{"identity_id": f"of-{number}"}], "has_more": number < LAST}
        return Page[Member].model_validate({**answer, "next_page_token": str(number + 1)})

    def listed(self) -> list[int]:
        return [number for number, event in enumerate(self.asked) if event.is_set()]


def test_all_pages_come_in_their_order_and_each_is_asked_for_once() -> None:
    source = Pages()
    assert [each.identity_id for page in pages(source.ask, "listing") for each in page] == [
        f"of-{number}" for number in range(1, LAST + 1)
    ]


def test_while_the_second_page_is_used_the_third_is_on_its_way() -> None:
    source = Pages()
    reading = pages(source.ask, "listing")
    next(reading)
    assert source.listed() == [1]
    next(reading)
    assert source.asked[3].wait(timeout=10)
    assert source.listed() == [1, 2, 3]


def test_an_error_of_a_page_ahead_is_raised_where_the_page_is_needed() -> None:
    reading = pages(Pages(failing=4).ask, "listing")
    assert [page[0].identity_id for page in (next(reading), next(reading), next(reading))] == ["of-1", "of-2", "of-3"]
    with pytest.raises(UnexpectedResponseError, match="not this one"):
        next(reading)


def test_whoever_needs_no_more_pages_waits_for_none() -> None:
    source, answered = Pages(), Event()

    def ask(number: str | None) -> Page[Member]:
        if number == "3":
            answered.wait(timeout=60)
        return source.ask(number)

    reading = pages(ask, "listing")
    next(reading)
    next(reading)
    reading.close()
    assert source.listed() == [1, 2]
    answered.set()
