"""A stand-in for GitHub's ``gh``: just the calls of ``gh api`` that the recipe makes.

Comments, pull requests and artifacts are files in folders.

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


def main() -> str | bytes:
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
    if archive := re.fullmatch(r"repos/acme/access/actions/artifacts/(\d+)/zip", call.path):
        return (_folder("artifacts") / f"{archive[1]}.zip").read_bytes()
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
    if of_commit := re.fullmatch(r"repos/acme/access/commits/(\w+)/pulls", path):
        pulls = _all("pulls")
        return [[each for each in pulls if of_commit[1] in {each["head"]["sha"], each["merge_commit_sha"]}]]
    if named := re.fullmatch(r"repos/acme/access/actions/artifacts\?name=([\w-]+)", path):
        found = [each for each in _all("artifacts") if each["name"] == named[1]]
        pages = [found[start : start + PAGE] for start in range(0, len(found), PAGE)] or [[]]
        return [{"total_count": len(found), "artifacts": page} for page in (pages if all_pages else pages[:1])]
    folder = _folder("comments")
    there = sorted(folder.glob("*.json"))
    if of_pull := re.fullmatch(r"repos/acme/access/issues/(\d+)/comments", path):
        if method == "GET":
            everything = [each for each in _all("comments") if each["issue"] == int(of_pull[1])]
            pages = [everything[start : start + PAGE] for start in range(0, len(everything), PAGE)] or [[]]
            return pages if all_pages else pages[:1]
        number = max((int(file.stem) for file in there), default=100) + 1
        return [
            _write(
                folder,
                number,
                {"id": number, "issue": int(of_pull[1]), "user": {"login": os.environ["STAND_IN_LOGIN"]}, **fields},
            )
        ]
    one = re.fullmatch(r"repos/acme/access/issues/comments/(\d+)", path)
    if not one or method not in {"GET", "PATCH"}:
        sys.exit(f"gh: Not Found (HTTP 404): {method} {path}")
    comment = json.loads((folder / f"{one[1]}.json").read_text())
    return [comment if method == "GET" else _write(folder, int(one[1]), {**comment, **fields})]


def _folder(name: str) -> Path:
    folder = Path(os.environ["STAND_IN_FORGE"]) / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _all(name: str) -> list[dict[str, Any]]:
    return [json.loads(file.read_text()) for file in sorted(_folder(name).glob("*.json"))]


def _write(folder: Path, number: int, comment: dict[str, Any]) -> dict[str, Any]:
    if not comment.get("body"):
        sys.exit("gh: Validation Failed (HTTP 422)")
    (folder / f"{number}.json").write_text(json.dumps(comment))
    return comment


if __name__ == "__main__":
    answer = main()
    sys.stdout.buffer.write(answer if isinstance(answer, bytes) else answer.encode())
