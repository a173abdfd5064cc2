"""``people.yaml`` and the lists of members: people by their names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from typing import Any, Final

import yaml

from pulumi_veza.errors import one_line
from pulumi_veza.export.names import suffixes
from pulumi_veza.fields.spelling import composed

PEOPLE_FILE: Final = "people.yaml"

_LONGEST: Final = 100
"""The most characters of a name; YAML writes a key beyond 128 in another way."""

_ABOUT_PEOPLE: Final = """\
# The people who are members by hand: each name with the id that Lifecycle Management has for the person.
# A person may be renamed here and in the lists of members together; the id is what counts.
"""


def labels(people: Mapping[str, str], known: Mapping[str, str]) -> dict[str, str]:
    """Return the name in the files of each person, by id.

    Args:
        people: The names in the tenant, by id. Of two people with one name each gets a part of the id behind it.
        known: The names in the files of an earlier export, by id; they stay.

    """
    names = {who: one_line(name, longest=_LONGEST) or who for who, name in people.items()}
    count = Counter(composed(each) for each in names.values())
    found = {who: label for who, label in known.items() if who in people}
    # A name of somebody who is no member any more stays theirs.
    used = {composed(each) for each in known.values()}
    for who in sorted(names.keys() - found.keys()):
        label = names[who]
        if count[composed(label)] > 1 or composed(label) in used:
            label = next(n for end in suffixes(who) if composed(n := f"{label} ({end})") not in used)
        found[who] = label
        used.add(composed(label))
    return found


def people_file(names: Mapping[str, str], emails: Mapping[str, str]) -> str:
    """Return ``people.yaml``.

    Args:
        names: The names in the files, by id.
        emails: The e-mail addresses, by id, as far as they are known.

    """
    ordered = sorted(names.items(), key=lambda each: (each[1].casefold(), each[1]))
    found = {label: {"id": who, "email": emails[who]} if emails.get(who) else who for who, label in ordered}
    return _ABOUT_PEOPLE + _yaml(found)


def members_file(ids: Collection[str], names: Mapping[str, str]) -> str:
    """Return the list of a profile's members."""
    return _yaml(sorted((names[who] for who in ids), key=lambda label: (label.casefold(), label)))


def _yaml(value: Any) -> str:
    # Pure Python, as the C library writes some characters otherwise.
    text: str = yaml.dump(
        value, Dumper=yaml.SafeDumper, sort_keys=False, allow_unicode=True, default_flow_style=False, width=10**6
    )
    return text
