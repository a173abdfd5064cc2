"""Where a secret is found that must be nowhere: in any file or text, in every usual spelling.

::

    assert leaks(KEY, stack.root, str(result)) == []
"""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus


def spellings(secret: str) -> dict[str, bytes]:
    """Return every usual spelling of a secret, by name; each is long enough that only the secret can be meant."""
    raw = secret.encode()
    found = {
        "plain": raw,
        "URL-encoded": quote(secret, safe="").encode(),
        "form-encoded": quote_plus(secret).encode(),
        "hex": raw.hex().encode(),
        "HTML": html.escape(secret).encode(),
        "JSON": json.dumps(secret)[1:-1].encode(),
        "JSON twice": json.dumps(json.dumps(secret)[1:-1])[1:-1].encode(),
        "Go": json.dumps(secret)[1:-1].replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e").encode(),
        "Python": repr(secret)[1:-1].encode(),
        "UTF-16 LE": secret.encode("utf-16-le"),
        "UTF-16 BE": secret.encode("utf-16-be"),
    }
    for name, alphabet in (("base64", b"+/"), ("base64url", b"-_")):
        for offset in range(3):
            # The characters at the ends depend on the neighbours as well.
            encoded = base64.b64encode(bytes(offset) + raw, alphabet)
            found[f"{name}, offset {offset}"] = encoded[-(-offset * 8 // 6) : (offset + len(raw)) * 8 // 6]
    assert all(len(spelling) >= 10 for spelling in found.values()), "too short a secret: it would be found by chance"
    return found


def leaks(secret: str, *places: Path | str, without: tuple[Path, ...] = ()) -> list[str]:
    """Return where a secret is and in which spelling; folders are searched recursively, except ``without``."""
    wanted = {name: spelling.lower() for name, spelling in spellings(secret).items()}
    return [
        f"{where}: {name}: ...{held[max(at - 60, 0) : at + 100].decode(errors='replace')}..."
        for where, content in _contents(places, without)
        for held in [content.lower()]
        for name, spelling in wanted.items()
        if (at := held.find(spelling)) >= 0
    ]


def _contents(places: tuple[Path | str, ...], without: tuple[Path, ...]) -> Iterator[tuple[str, bytes]]:
    for place in places:
        if isinstance(place, str):
            yield f"text {place[:40]!r}", place.encode()
            continue
        for file in sorted(place.rglob("*")):
            if file.is_file() and not any(file.is_relative_to(each) for each in without):
                yield str(file.relative_to(place)), file.read_bytes()
