"""What a program sends of a resource to the engine: the arguments that it gives, and inputs that it does not see."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Properties(dict[str, Any]):
    """The inputs of a resource. A transformation reads None where the program gives no argument."""

    def __missing__(self, _: str) -> None:
        return None


class Later(Awaitable[T], Generic[T]):
    """An input that is computed when its resource is registered: when the top level of the program has run.

    An output would cost several tasks, and a coroutine would warn where its resource is refused.
    """

    def __init__(self, compute: Callable[[], Coroutine[Any, Any, T]]) -> None:
        self._compute = compute

    def __await__(self) -> Generator[Any, None, T]:
        return self._compute().__await__()
