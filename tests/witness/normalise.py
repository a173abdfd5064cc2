"""Take out of an output what differs between two equal runs, and sort what the engine prints in no fixed order."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

_REPLACED = [
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?:Z|\+00:00| UTC)"), "{time}"),
    (re.compile(r"\b(127\.0\.0\.1|localhost):\d{4,5}\b"), r"\1:{port}"),
    (re.compile(r"\bsha256:[0-9a-f]{64}\b"), "sha256:{digest}"),
    (re.compile(r"(?m)^(\s*)Duration: \d.*$\n?"), ""),
    (re.compile(r"\(\d+(?:\.\d+)?s\)"), "({seconds})"),
    (re.compile(r"in \d+(?:\.\d+)? s\b"), "in {seconds} s"),
    (re.compile(r"received \d+ bytes, expected \d+"), "received {number} bytes, expected {number}"),
    (re.compile(r"python3(?:\.\d+)?\b"), "python3"),
]

_PROGRESS = re.compile(r"^ ?(?P<sign>[-+~<>=]{1,2}|  ?)? +(?P<type>[a-z][-\w]*:[-:/\w]*\w) (?P<name>\S+) ?(?P<rest>.*)")
_DONE = re.compile(r"^(\*\*[\w -]+\*\*|[a-z]+(?: (?:replacement|original))?)?(?: \([\d.]+s\))?(?: (\[diff: [^\]]*\]))?")
_DIFF_HEADING = re.compile(r"^ *(?:[-+~<>=]{1,2} )? *pulumi[-:/\w]+: \([\w-]+\)")
_SIGNS = re.compile(r"\((?P<signs>[-+~] [^,()]+(?:, [-+~] [^,()]+)+)\)")
_COUNT = re.compile(r"^ +[-+~]+ \d+ \w+$")
_END = "(end)"
_OUTPUTS_OF_THE_STACK = "    --outputs:--"
_ENTRY_OF_AN_ID = re.compile(r'^ *[-+~]? *\{(?:profile|type) [^}]*\} *: "')
_SECTION = re.compile(r"^(?:Outputs|Diagnostics|Policies|Resources|Updating|Previewing|Refreshing|Destroying)\b.*:")


def normalised(text: str, *, ids: Mapping[str, str], places: Mapping[str, str]) -> str:
    """Return an output in which ids, places, times and durations have names, and random orders are sorted.

    Args:
        text: What a command wrote.
        ids: What to write instead of an id that the tenant made.
        places: What to write instead of a path or an address, the more specific ones first.

    """
    for found, instead in places.items():
        text = text.replace(found, instead)
    text = UUID.sub(lambda match: ids.get(match[0], "{uuid}"), text)
    for pattern, replacement in _REPLACED:
        text = pattern.sub(replacement, text)
    text = _SIGNS.sub(lambda match: f"({', '.join(sorted(match['signs'].split(', ')))})", text)
    lines = [line.rstrip() for line in text.splitlines()]
    return "\n".join(_sorted_entries(lines)).strip("\n") + "\n" if text.strip() else ""


def sorted_engine_output(text: str) -> str:
    """Sort what the Pulumi CLI prints in the order in which things happen to happen."""
    lines = [line for line in text.splitlines() if not line.startswith("@ ")]
    found: list[str] = []
    for heading, body in _sections(lines):
        found += heading
        if heading and heading[0].startswith("Diagnostics"):
            found += _sorted_blocks(body, _is_resource_of_diagnostics, _sorted_messages)
        elif heading and heading[0].startswith("Policies"):
            found += _sorted_blocks(body, lambda line: line.lstrip().startswith("- ["), list)
        elif heading and heading[0].startswith(("Outputs", "Resources")):
            found += _sorted_blocks(body, _begins_in_a_diff, list, key=_urn)
        else:
            found += _sorted_changes(body)
    return "\n".join(found) + "\n"


def sorted_engine_messages(text: str) -> str:
    """Sort the messages that the Pulumi CLI prints beside a diff, each of which ends with a blank line."""
    messages = text.strip("\n").split("\n\n")
    return text if "Traceback" in text else "\n\n".join(sorted(messages))


def _sections(lines: Iterable[str]) -> Iterator[tuple[list[str], list[str]]]:
    heading: list[str] = []
    body: list[str] = []
    for line in lines:
        if _SECTION.match(line):
            yield heading, body
            heading, body = [line], []
        else:
            body.append(line)
    yield heading, body


def _sorted_changes(lines: list[str]) -> list[str]:
    """Sort the progress, of which only what was done is kept, and the resources of a diff."""
    progress = {shown for line in lines if (shown := _done(line))}
    rest = [line for line in lines if not _PROGRESS.match(line)]
    by_name = sorted(progress, key=lambda line: (line[3:].split()[1], line))
    return [*by_name, *_sorted_blocks(rest, _begins_in_a_diff, list, key=_urn)]


def _begins_in_a_diff(line: str) -> bool:
    return line == _OUTPUTS_OF_THE_STACK or _DIFF_HEADING.match(line) is not None


def _done(line: str) -> str | None:
    match = _PROGRESS.match(line)
    if match is None:
        return None
    done = _DONE.match(match["rest"])
    verb = (done[1] or "") if done else ""
    if verb.partition(" ")[0].endswith("ing") or (not verb and not (match["sign"] or "").strip()):
        return None
    return f"{match['sign'] or '':2} {match['type']} {match['name']} {verb} {done[2] or '' if done else ''}".rstrip()


def _urn(block: list[str]) -> str:
    if block[0] == _OUTPUTS_OF_THE_STACK:
        return "urn:pulumi:~"  # after everything else
    if "pulumi:pulumi:Stack:" in block[0]:
        return ""
    return next((line.partition("[urn=")[2] for line in block if "[urn=" in line), "\n".join(block))


def _is_resource_of_diagnostics(line: str) -> bool:
    return re.match(r"^  \S.*\):$", line) is not None


def _sorted_messages(block: list[str]) -> list[str]:
    """Sort the messages below the stack, where those of all resources come together."""
    if "pulumi:pulumi:Stack" not in block[0] or any("Traceback" in line for line in block):
        return block
    blank = [line for line in block[1:] if not line.strip()]
    return [block[0], *sorted(line for line in block[1:] if line.strip()), *blank]


def _sorted_blocks(
    lines: list[str],
    starts: Callable[[str], bool],
    tidy: Callable[[list[str]], list[str]],
    key: Callable[[list[str]], str] = "\n".join,
) -> list[str]:
    """Sort neighbouring blocks; one ends where another starts, at a line without indentation and at a count."""
    found: list[str] = []
    blocks: list[list[str]] = []
    for line in [*lines, _END]:
        if starts(line):
            blocks.append([line])
        elif blocks and (line.startswith(" ") or not line) and not _COUNT.match(line):
            blocks[-1].append(line)
        else:
            found += [each for block in sorted(map(tidy, blocks), key=key) for each in block]
            found.append(line)
            blocks = []
    return found[:-1]


def _sorted_entries(lines: Iterable[str]) -> Iterator[str]:
    """Sort neighbouring entries of a map that is ordered by ids which have names only now."""
    for is_entry, group in groupby(lines, lambda line: bool(_ENTRY_OF_AN_ID.match(line))):
        neighbours = list(group)
        yield from sorted(neighbours) if is_entry else neighbours
