"""A list in pages, each of which is asked for by the token that the one before it names."""

from __future__ import annotations

from collections.abc import Callable, Generator
from concurrent.futures import Future
from threading import Thread
from typing import TYPE_CHECKING, Final, TypeVar

from pydantic import BaseModel

from pulumi_veza.errors import UnexpectedResponseError

if TYPE_CHECKING:
    from pulumi_veza.client.models import Page

MAX_EMPTY_PAGES: Final = 1000
"""The number of successive empty pages with more to come at which a listing is taken to be endless."""
MAX_SAME_PAGE: Final = 10
"""How often in a row an empty page may name itself as the next one: the tenant is still searching."""
AHEAD_FROM: Final = 3
"""The first page that is asked for before it is needed: whoever reads a second page is likely to read all."""

Model = TypeVar("Model", bound=BaseModel)
R = TypeVar("R")


def pages(ask: Callable[[str | None], Page[Model]], what: str) -> Generator[list[Model], None, None]:
    """Yield the objects of each page. Only ``has_more`` ends the listing: an empty page or a token does not.

    While the objects of a page are used, the next one is on its way.

    Args:
        ask: Request the page of a token; the first one where it is None.
        what: The operation, for errors.

    Raises:
        UnexpectedResponseError: the API never ends the list.

    """
    token: str | None = None
    seen: set[str] = set()
    empty = same = number = 0
    ahead: Future[Page[Model]] | None = None
    while True:
        page = ask(token) if ahead is None else ahead.result()
        number += 1
        following = page.next_page_token if page.has_more and page.values else None
        ahead = _begun(ask, following) if following and following not in seen and number + 1 >= AHEAD_FROM else None
        yield page.values or []
        if not page.has_more:
            return
        same = same + 1 if page.next_page_token == token and not page.values else 0
        token = page.next_page_token
        empty = 0 if page.values else empty + 1
        if not token:
            raise _endless(what, "promised another page, but named none")
        if token in seen and not 0 < same <= MAX_SAME_PAGE:
            raise _endless(what, "named a page a second time")
        if empty >= MAX_EMPTY_PAGES:
            raise _endless(what, f"sent {empty} empty pages in a row")
        seen.add(token)


def _begun(ask: Callable[[str], R], token: str) -> Future[R]:
    """Ask for a page in a thread that nobody has to wait for: whoever needs no more pages leaves the answer."""
    answer = Future[R]()

    def work() -> None:
        try:
            answer.set_result(ask(token))
        except BaseException as error:  # noqa: BLE001 - raised where the page is needed
            answer.set_exception(error)

    Thread(target=work, name="reading-ahead", daemon=True).start()
    return answer


def _endless(what: str, problem: str) -> UnexpectedResponseError:
    error = UnexpectedResponseError(
        f"{what} failed: the API {problem}, so the list cannot be completed: try again later, or tell Veza's support"
    )
    error.maybe_done = False
    return error
