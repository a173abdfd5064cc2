"""A stand-in for GitHub's ``gh``: just the calls of ``gh api`` that the recipe makes; comments are files in a folder.

The filters of ``--jq`` are run by the real jq. A page has two comments, so that whoever does not ask for all of them
misses some.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import jq

PAGE = 2


def main() -> str:
    """Answer one call."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("command", choices=["api"])
    parser.add_argument("path")
    parser.add_argument("--paginate", action="store_true")
    parser.add_argument("--silent", action="store_true")
    parser.add_argument("--method")
    parser.add_argument("--field", action="append", default=[])
    parser.add_argument("--jq", default=".")
    call = parser.parse_args()
    if not os.environ.get("GH_TOKEN"):
        sys.exit("gh: set the GH_TOKEN environment variable")
    fields = dict(_field(each) for each in call.field)
    method = call.method or ("POST" if fields else "GET")
    answers = _answers(method, call.path, fields, all_pages=call.paginate)
    if call.silent:
        return ""
    found = [value for answer in answers for value in jq.compile(call.jq).input(answer)]
    return "".join(f"{value if isinstance(value, str) else json.dumps(value)}\n" for value in found)


def _field(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name, Path(value[1:]).read_text(encoding="utf-8") if value.startswith("@") else value


def _answers(method: str, path: str, fields: dict[str, str], *, all_pages: bool) -> list[Any]:
    folder = Path(os.environ["STAND_IN_COMMENTS"])
    folder.mkdir(parents=True, exist_ok=True)
    there = sorted(folder.glob("*.json"))
    if re.fullmatch(r"repos/acme/access/issues/12/comments", path):
        if method == "GET":
            everything = [json.loads(file.read_text()) for file in there]
            pages = [everything[start : start + PAGE] for start in range(0, len(everything), PAGE)] or [[]]
            return pages if all_pages else pages[:1]
        number = max((int(file.stem) for file in there), default=100) + 1
        return [_write(folder, number, {"id": number, "user": {"login": os.environ["STAND_IN_LOGIN"]}, **fields})]
    one = re.fullmatch(r"repos/acme/access/issues/comments/(\d+)", path)
    if not one or method not in {"GET", "PATCH"}:
        sys.exit(f"gh: Not Found (HTTP 404): {method} {path}")
    comment = json.loads((folder / f"{one[1]}.json").read_text())
    return [comment if method == "GET" else _write(folder, int(one[1]), {**comment, **fields})]


def _write(folder: Path, number: int, comment: dict[str, Any]) -> dict[str, Any]:
    if not comment.get("body"):
        sys.exit("gh: Validation Failed (HTTP 422)")
    (folder / f"{number}.json").write_text(json.dumps(comment))
    return comment


if __name__ == "__main__":
    sys.stdout.write(main())
