"""Errors that a program does not catch: each ends it with one line, without a traceback."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

import pulumi
from typing_extensions import ParamSpec

from pulumi_veza.errors import VezaError

P = ParamSpec("P")
R = TypeVar("R")


def _ending_a_program(kind: type[VezaError]) -> type[VezaError]:
    """Return the class of an error combined with Pulumi's ``RunError``, whose message alone the engine shows."""
    return type(kind.__name__, (kind, pulumi.RunError), {"__module__": kind.__module__, "__doc__": kind.__doc__})


def in_one_line(function: Callable[P, R]) -> Callable[P, R]:
    """Decorate a function that programs call, so that an error of it ends a program with one line."""

    @wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except VezaError as error:
            error.__class__ = _ending_a_program(type(error))
            raise

    return wrapper
