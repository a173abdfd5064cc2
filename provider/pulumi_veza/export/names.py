"""Names for resources, variables, modules and files: made from the tenant's names, unique, and stable."""

from __future__ import annotations

import builtins
import hashlib
import keyword
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

LONGEST: Final = 48
"""The most characters of a name before a suffix."""

_SUFFIX: Final = 6
"""The characters of an id that tell two objects of one name apart."""

_LETTERS: Final = str.maketrans(
    {"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "\u0131": "i"}
)
"""Latin letters that Unicode does not decompose, the last one an i without its dot."""

OWN_WORDS: Final = frozenset({"existing", "people", "profile_types", "profiles", "pulumi", "pulumi_veza", "veza"})
"""The words that the programs use themselves."""

_RESERVED: Final = frozenset({*keyword.kwlist, *keyword.softkwlist, *dir(builtins), *OWN_WORDS, "l"})
"""What no variable and no module is called; ``l`` reads like a one."""


@dataclass(frozen=True)
class Nameable:
    """An object that needs a name."""

    id: str
    name: str
    """The tenant's name of it."""
    created_at: str = ""
    """RFC 3339; of two objects of one name the older one gets it without a suffix."""


def slug(text: str, otherwise: str) -> str:
    """Return a text as small letters and digits with hyphens between words, in ASCII where that is possible.

    Args:
        text: Any text.
        otherwise: A word that is put before a digit at the beginning, and taken where nothing of the text is left.

    """
    words = "".join(map(_letters, unicodedata.normalize("NFC", text[:1000])))
    found = unicodedata.normalize("NFKC", re.sub(r"[-_]+", "-", words).strip("-"))
    found = _shortened(found)
    if not f"a{found.replace('-', '_')}".isidentifier():
        # Letters that are none together, such as a mark without its letter.
        found = _shortened(re.sub(r"[^a-z0-9]+", "-", found).strip("-"))
    if not found:
        return otherwise
    return found if found.replace("-", "_").isidentifier() else f"{otherwise}-{found}"


def _letters(char: str) -> str:
    plain = "".join(c for c in unicodedata.normalize("NFKD", char) if not unicodedata.combining(c))
    plain = plain.casefold().translate(_LETTERS)
    if plain.isascii():
        return "".join(c if c.isalnum() else "-" for c in plain) or "-"
    kept = unicodedata.normalize("NFKC", char.casefold())
    return kept if f"a{kept}".isidentifier() else "-"


def _shortened(found: str) -> str:
    if len(found) <= LONGEST:
        return found
    cut = found[: LONGEST + 1]
    return (cut.rpartition("-")[0] if "-" in cut else cut[:LONGEST]).rstrip("-")


def identifier(name: str) -> str:
    """Return a name of this module as an identifier of Python that hides nothing."""
    found = name.replace("-", "_")
    return f"{found}_" if found in _RESERVED else found


def unique_names(
    objects: Iterable[Nameable], otherwise: str, kept: Mapping[str, str], taken: Collection[str] = ()
) -> dict[str, str]:
    """Return a name for each object, by id.

    Args:
        objects: The objects.
        otherwise: The word for an object without any letter in its name, see `slug`.
        kept: The names that objects had in an earlier export, by id; they keep them.
        taken: Names that none of them may get.

    """
    ordered = sorted(objects, key=lambda each: (each.created_at, each.id))
    found: dict[str, str] = {}
    used = set(taken)
    for each in ordered:
        name = kept.get(each.id)
        if name is not None and name not in used and identifier(name).isidentifier():
            found[each.id] = name
            used.add(name)
    # A name that is free today may be an object's that is not exported this time.
    used |= set(kept.values())
    for each in ordered:
        if each.id not in found:
            name = slug(each.name, otherwise)
            if name in used:
                name = next(n for end in suffixes(each.id) if (n := f"{name}-{end}") not in used)
            found[each.id] = name
            used.add(name)
    return found


def suffixes(id_: str) -> Iterable[str]:
    """Yield ends that tell an object from another of its name: more and more of its id."""
    letters = re.sub(r"[^a-z0-9]", "", id_.casefold())
    for length in range(_SUFFIX, len(letters) + _SUFFIX, _SUFFIX):
        yield letters[:length]
    yield letters + hashlib.sha256(id_.encode(errors="surrogatepass")).hexdigest()[:_SUFFIX]
    yield hashlib.sha256(id_.encode(errors="surrogatepass")).hexdigest()
