"""How the tenant keeps the texts that it is sent, where a switch makes it keep them otherwise."""

from __future__ import annotations

import html
import json
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

from veza_simulator.quirks import Quirks
from veza_simulator.rules import ENTITLEMENTS

Json = dict[str, Any]

_TEXTS = ("name", "description")
_LISTS = ("labels",)
_PROPERTIES = "custom_properties"
_VERSION = "current_version"


def kept(body: Json, quirks: Quirks) -> Json:
    """Return what the tenant keeps of a request's body: the same where no switch is on."""
    steps = list(_steps(quirks))
    if not steps and not quirks.custom_properties_as_texts:
        return body

    def text(value: str) -> str:
        for step in steps:
            value = step(value)
        return value

    changed: Json = {name: text(body[name]) for name in _TEXTS if isinstance(body.get(name), str)}
    changed |= {name: list(dict.fromkeys(map(text, body[name]))) for name in _LISTS if name in body}
    if quirks.custom_properties_as_texts:
        changed |= _with_texts(body)
        if ENTITLEMENTS in body:
            changed[ENTITLEMENTS] = [{**each, **_with_texts(each)} for each in body[ENTITLEMENTS]]
    return {**body, **changed}


def as_sent(value: Json, body: Json, quirks: Quirks) -> Json:
    """Return the response to a POST or PATCH with the texts of its request, where only lists show the kept ones."""
    if not quirks.kept_texts_show_later:
        return value
    shown = {
        **value,
        **{name: body[name] for name in (*_TEXTS, *_LISTS, _PROPERTIES) if name in body and name in value},
    }
    if ENTITLEMENTS in body and ENTITLEMENTS in value:
        pairs = zip(value[ENTITLEMENTS], body[ENTITLEMENTS], strict=True)
        shown[ENTITLEMENTS] = [{**each, _PROPERTIES: entity[_PROPERTIES]} for each, entity in pairs]
    if isinstance(value.get(_VERSION), dict):
        version = {name: item for name, item in body.items() if name == ENTITLEMENTS}
        shown[_VERSION] = as_sent(value[_VERSION], version, quirks)
    return shown


def _steps(quirks: Quirks) -> Iterator[Callable[[str], str]]:
    if quirks.composes_texts:
        yield _composed
    if quirks.trims_texts:
        yield str.strip
    if quirks.lowercases_texts:
        yield str.lower
    if quirks.escapes_texts:
        yield html.escape


def _composed(value: str) -> str:
    return unicodedata.normalize("NFC", value)


def _with_texts(value: Json) -> Json:
    properties = value.get(_PROPERTIES)
    return {_PROPERTIES: {name: _as_text(item) for name, item in properties.items()}} if properties else {}


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
