"""What every rendering shows of a rehearsal."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pulumi_veza.impact import building
from pulumi_veza.impact.document import Document, dump, load
from pulumi_veza.impact.rehearsal_outcome import Rehearsal
from pulumi_veza.impact.rendering import FORMATS
from pulumi_veza.reports.options import RenderOptions

REFUSED = "MembershipSet 'team': removing 2 of 3 members is <refused> by its guard"
DIFFERENT = "ana loses Group sf/g by Sellers, which was not predicted"
NOTE = "whether 2 people exist who join"
PERSON = {"identity_id": "ana", "name": "Ana Ruiz"}


def document(**parts: Any) -> Document:
    """Return the document of a rehearsal in which somebody lost something."""
    found: dict[str, Any] = {
        "done": True,
        "changes": {"update": 2, "same": 1},
        "people_before": 3,
        "people_after": 2,
        "grants_before": 6,
        "grants_after": 5,
        "lost": [{**PERSON, "entitlement": "Group sf/g", "path": ["Sellers"]}],
        "requests": [{**PERSON, "operation": "DEPROVISION", "profile": "Sellers"}],
    }
    return building.build([]).model_copy(update={"rehearsal": Rehearsal.model_validate({**found, **parts})})


def shown(name: str, found: Document) -> str:
    text = FORMATS[name](found, RenderOptions(width=200))
    return text.replace("<code>", "`").replace("</code>", "`")


@pytest.mark.parametrize("name", ["terminal", "markdown", "markdown-plain", "html"])
def test_a_rehearsal_that_went_through_is_summed_up(name: str) -> None:
    text = shown(name, document())
    for said in (
        "Rehearsed on a twin of the tenant: `pulumi up` went through (2 updated)",
        "Entitlements, each counted for each person who has it: 6 among 3 people before, 5 among 2 people after; "
        "1 lost, 0 gained",
        "Access requests that it opened: 0 to provision and 1 to de-provision",
        "What was predicted is what happened",
    ):
        assert said in text
    assert "Rehearsed" not in shown(name, building.build([]))


@pytest.mark.parametrize("name", FORMATS)
def test_every_rendering_says_what_was_refused_and_what_differs(name: str) -> None:
    refused = shown(name, document(done=False, refusals=[REFUSED]))
    assert "removing 2 of 3 members is" in refused
    assert "<refused>" not in refused if name == "html" else True
    assert DIFFERENT.partition(" by ")[0] in shown(name, document(differences=[DIFFERENT]))


@pytest.mark.parametrize("name", ["terminal", "markdown", "html"])
def test_what_the_twin_could_not_know_is_said(name: str) -> None:
    assert NOTE in shown(name, document(notes=[NOTE]))


@pytest.mark.parametrize("name", ["terminal", "markdown", "html"])
def test_with_members_that_could_not_be_read_nothing_is_said_to_be_as_predicted(name: str) -> None:
    text = shown(name, document(unread=["Sellers", "Buyers"]))
    assert "Whether what was predicted happens is not known of 2 profiles, whose members could not be read" in text
    assert "What was predicted is what happened" not in text


def test_a_refused_preview_is_no_change_of_nobody() -> None:
    found = document(done=False, refusals=[REFUSED], changes={}, lost=[], requests=[])
    text = shown("terminal", found)
    assert text.startswith("What would change is not known: the rehearsal was refused.\n")
    assert "it did not go through (1 refusal)." in text
    assert "each person who has it" not in text


def test_findings_are_errors_of_code_scanning_and_a_document_is_read_back() -> None:
    found = document(done=False, refusals=[REFUSED], differences=[DIFFERENT])
    results = json.loads(shown("sarif", found))["runs"][0]["results"]
    assert [(each["ruleId"], each["level"]) for each in results] == [
        ("rehearsal-refused", "error"),
        ("rehearsal-differs", "error"),
    ]
    assert load(dump(found)) == found
    assert found.rehearsal is not None
    assert found.rehearsal.findings == 2
