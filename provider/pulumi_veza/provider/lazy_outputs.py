"""The outputs of a resource, each of which comes into being when the program first asks for it.

For every property that a resource names, the SDK makes an output at once, with four futures and a task. A resource has
some thirty properties, of which a program asks for one or two, so that this was two thirds of what declaring it cost.
Here a resource names only what is sent to the engine, and keeps the engine's response; an output is made of that, with
the value, the secrecy and the dependencies that the SDK's own would have.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Generator, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, TypeVar

import pulumi
from typing_extensions import override

from pulumi_veza.provider.pulumi_private import ResourceWithOwnOutputs, own_dict

T = TypeVar("T")

_RESPONSE: Final = "_response"
"""The attribute of a resource that has its response."""


class _Property(NamedTuple):
    """A property of a response, as the SDK passes it to a resolver."""

    value: Any
    is_known: bool
    is_secret: bool
    dependencies: set[pulumi.Resource] | None
    failure: Exception | None


class _ResponsePart(Awaitable[T], Generic[T]):
    """A part of a response. Several outputs may await it, or none, which a coroutine would warn of."""

    def __init__(self, arrived: asyncio.Future[None], part: Callable[[], T]) -> None:
        self._arrived = arrived
        self._part = part

    def __await__(self) -> Generator[Any, None, T]:
        yield from self._arrived.__await__()
        return self._part()


class EngineResponse:
    """What the engine responds to the registration or the read of a resource."""

    def __init__(self, resource: pulumi.Resource, names: Collection[str], whole_numbers: Collection[str]) -> None:
        self.names = names
        """The properties of the resource, whether the engine returns them or not."""
        self._whole_numbers = whole_numbers
        self._resource = resource
        self._arrived: asyncio.Future[None] = asyncio.Future()
        self._properties: dict[str, _Property] = {}

    def resolve(self, name: str, *resolved: Any) -> None:
        """Record what became of a property."""
        self._properties[name] = _Property(*resolved)
        # The SDK resolves all properties in one go; whoever waits for them goes on in a later turn of the event loop.
        if not self._arrived.done():
            self._arrived.set_result(None)

    def output(self, name: str) -> pulumi.Output[Any]:
        """Return a new output of a property."""

        def resolved() -> _Property:
            found = self._properties[name]
            if found.failure is not None:
                raise found.failure
            return found

        def value() -> Any:
            found = resolved().value
            # The engine sends every number as a float.
            return int(found) if isinstance(found, float) and name in self._whole_numbers else found

        return pulumi.Output(
            _ResponsePart(self._arrived, lambda: {self._resource, *(self._properties[name].dependencies or ())}),
            _ResponsePart(self._arrived, value),
            _ResponsePart(self._arrived, lambda: resolved().is_known),
            _ResponsePart(self._arrived, lambda: resolved().is_secret),
        )


class _Resolvers(Mapping[str, Callable[..., None]]):
    """For each property the function that the SDK calls with what became of it. None of them is there before."""

    def __init__(self, response: EngineResponse) -> None:
        self._response = response

    def __getitem__(self, name: str) -> Callable[..., None]:
        if name not in self._response.names:
            raise KeyError(name)
        return partial(self._response.resolve, name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._response.names)

    def __len__(self) -> int:
        return len(self._response.names)


class ResourceWithLazyOutputs(ResourceWithOwnOutputs):
    """A resource whose properties are outputs only once they are asked for, as an attribute or in ``__dict__``.

    Before, and where the SDK makes all outputs itself, nothing of this is in effect.
    """

    def _properties_and_whole_numbers(self) -> tuple[Collection[str], Collection[str]]:
        """Return the names of the class's properties, and of those that are whole numbers."""
        raise NotImplementedError

    @override
    def _resolvers(self, props: Mapping[str, Any]) -> Mapping[str, Callable[..., None]]:
        declared, whole_numbers = self._properties_and_whole_numbers()
        names = dict.fromkeys((*declared, *props))
        for handled_by_the_sdk in ("urn", "id"):
            names.pop(handled_by_the_sdk, None)
        response = own_dict(self)[_RESPONSE] = EngineResponse(self, names.keys(), whole_numbers)
        return _Resolvers(response)

    if not TYPE_CHECKING:
        # A type checker takes every attribute for one that exists where a class has this method.
        def __getattr__(self, name: str) -> Any:
            return output_of(self, name)

        @property
        def __dict__(self) -> dict[str, Any]:
            """Every property: an exported resource is written out from here."""
            held = own_dict(self)
            if response := held.get(_RESPONSE):
                for name in response.names:
                    output_of(self, name)
            return held

    def __getstate__(self) -> dict[str, Any]:
        """Return what a dynamic provider of the program keeps of a resource that it refers to."""
        return {name: value for name, value in vars(self).items() if name != _RESPONSE}

    @property
    @override
    def id(self) -> pulumi.Output[str]:
        """The id that the provider gave the object; unknown before it is created."""
        return output_of(self, "id")

    @property
    @override
    def urn(self) -> pulumi.Output[str]:
        """The name by which the engine tells the resource from all others."""
        return output_of(self, "urn")


def output_of(resource: pulumi.Resource, name: str) -> pulumi.Output[Any]:
    """Return the output of a property of a resource; the same one each time.

    Raises:
        AttributeError: the resource has no such property.

    """
    held = own_dict(resource)
    if name not in held:
        response: EngineResponse | None = held.get(_RESPONSE)
        if response is None or name not in response.names:
            raise AttributeError(f"{type(resource).__name__!r} object has no attribute {name!r}")
        held[name] = response.output(name)
    found: pulumi.Output[Any] = held[name]
    return found
