"""The recipe for GitHub Actions, as the tests of it use it."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RECIPE = ROOT / "examples" / "github-actions"
README = (RECIPE / "README.md").read_text()
ANNOTATE = "Annotate the lines that cause it"
COMMENT = "Comment, or bring the comment that is there up to date"
STOP = "Nothing that is refused or could not be checked"
APPROVED, AGAIN = "What was approved", "Look again"


def text(name: str) -> str:
    """Give a workflow, adapted to a project in a folder of its repository as the README says."""
    written = (RECIPE / name).read_text()
    assert written.count("  PROJECT: .\n") == 1
    return written.replace("  PROJECT: .\n", "  PROJECT: project\n")
