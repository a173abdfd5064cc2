"""Exceptions: what they allow, for how long, and a first file of them."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from pulumi_veza.drift import ignores
from pulumi_veza.drift.document import DriftDocument
from pulumi_veza.drift.ignores import BaselineAnswers, write_baseline
from pulumi_veza.errors import UnusableFileError
from pulumi_veza.policies.checking import check
from pulumi_veza.policies.exceptions import Entry, load
from pulumi_veza.policies.stack import Stack
from tests.drift import company
from tests.drift.compared import TODAY, of_state, short
from tests.impact.small_engine import Engine
from tests.support.runs import Runs

ANSWERS = BaselineAnswers("ana.ruiz@example.com", "It was there: before", "GOV-1", datetime.date(2026, 9, 1))


def entry(rule: str, resource: str, **more: Any) -> Entry:
    given = {"owner": "ana", "reason": "agreed", "ticket": "GOV-2", "expires": TODAY, **more}
    return Entry.model_validate({"rule": rule, "resource": resource, **given})


@pytest.fixture
def engine(runs: Runs) -> Engine:
    found = company.deployed(runs)
    company.changed_by_hand(runs.tenant)
    return found


def statuses(document: DriftDocument) -> dict[tuple[str, ...], str]:
    return {short(row): row.status for row in document.rows if row.status != "open"}


@pytest.mark.parametrize(
    ("rule", "resource", "more", "ignored"),
    [
        ("attribute-drift", "crm.description", {}, [("attribute-drift", "crm", "description")]),
        ("attribute-drift", "crm.labels added", {}, [("attribute-drift", "crm", "labels", "added")]),
        ("attribute-drift", "d?sk", {}, [("attribute-drift", "desk", "state")]),
        (
            "attribute-drift",
            "crm.labels",
            {},
            [("attribute-drift", "crm", "labels", "added"), ("attribute-drift", "crm", "labels", "vip")],
        ),
        ("member-added-by-hand", "sellers", {"people": ["dora"]}, [("member-added-by-hand", "sellers", "dora")]),
        ("member-added-by-hand", "sellers", {"people": ["somebody"]}, []),
        ("unmanaged-profile", "p-hand", {}, [("unmanaged-profile", "Hand [made]")]),
        ("unmanaged-profile", "Hand*", {}, [("unmanaged-profile", "Hand [made]")]),
        ("unmanaged-profile", "Hand [made]", {}, [("unmanaged-profile", "Hand [made]")]),
        ("attribute-drift", "sellers", {}, []),
    ],
)
def test_an_exception_allows_what_it_names_and_no_more(
    engine: Engine, rule: str, resource: str, more: dict[str, Any], ignored: list[tuple[str, ...]]
) -> None:
    document = of_state(engine, [entry(rule, resource, **more)])
    assert statuses(document) == dict.fromkeys(ignored, "ignored")
    assert document.summary.ignored == len(ignored)
    assert document.summary.open == len(company.ROWS) - len(ignored)
    unused = f"the exception of ana (GOV-2) from {rule} for {resource!r} allows nothing any more; take it out"
    assert document.notes == ([] if ignored else [unused])


def test_an_expired_exception_allows_nothing_and_the_row_says_so(engine: Engine) -> None:
    ended = entry("attribute-drift", "crm.description", expires=TODAY - datetime.timedelta(days=1))
    document = of_state(engine, [ended])
    assert statuses(document) == {("attribute-drift", "crm", "description"): "expired"}
    (row,) = (row for row in document.rows if row.status == "expired")
    assert row.exception == (
        "the exception of ana (GOV-2) from attribute-drift for 'crm.description' expired on 2026-05-31"
    )
    assert (document.summary.expired, document.summary.open) == (1, len(company.ROWS))
    assert document.notes == [
        f"{ended} expired on 2026-05-31, and 1 finding counts again; take it out, or have it decided anew"
    ]


def test_the_policies_and_the_comparison_share_a_file_and_leave_each_others_entries_alone(engine: Engine) -> None:
    past = TODAY - datetime.timedelta(days=1)
    theirs = entry("naming", "nothing", expires=past)
    ours = [entry("attribute-drift", "nothing", expires=past), entry("unmanaged-profile", "nothing")]
    assert [note.partition(" from ")[2][:15] for note in of_state(engine, [theirs, *ours]).notes] == [
        "attribute-drift", "unmanaged-profi"
    ]  # fmt: skip
    found = check(Stack([]), exceptions=[theirs, *ours], today=TODAY).findings
    assert ["from naming for 'nothing'" in each.text for each in found] == [True]


def test_a_baseline_leaves_nothing_open_and_nothing_that_comes_later_hidden(engine: Engine, tmp_path: Path) -> None:
    file = tmp_path / "exceptions.yaml"
    added = write_baseline(file, of_state(engine).rows, ANSWERS)
    assert added == len(company.ROWS)
    entries = load(file)
    document = of_state(engine, entries)
    assert (document.summary.open, document.summary.ignored, document.notes) == (0, len(company.ROWS), [])
    assert {each.owner for each in entries} == {"ana.ruiz@example.com"}
    assert "resource: p-hand  # Hand [made]\n" in file.read_text()
    # The next thing that somebody does is found beside what was there.
    engine.runs.tenant.edit_profile("CRM", labels=["sales", "added", "new"])
    engine.runs.tenant.change_members("CRM", add=["bob"])
    engine.runs.tenant.change_members("Free", add=["bob"])
    later = of_state(engine, entries)
    assert [short(row) for row in later.counting()] == [
        ("member-added-by-hand", "free", "bob"),
        ("attribute-drift", "crm", "labels", "new"),
    ]
    assert ["member-removed-by-hand for 'sellers' allows nothing any more" in note for note in later.notes] == [True]


def test_a_second_baseline_adds_what_is_new_below_what_is_there_with_its_comments(
    engine: Engine, tmp_path: Path
) -> None:
    file = tmp_path / "exceptions.yaml"
    begin = (
        "# Reviewed by the identity team.\nexceptions:\n"
        "- rule: unmanaged-profile\n  resource: p-hand   # theirs\n  owner: ben\n  reason: Moves next year\n"
        "  ticket: GOV-9\n  expires: 2026-12-31\n"
    )
    file.write_text(begin)
    added = write_baseline(file, of_state(engine, load(file)).rows, ANSWERS)
    assert file.read_text().startswith(begin)
    assert (added, len(load(file))) == (len(company.ROWS) - 1, len(company.ROWS))
    assert of_state(engine, load(file)).summary.open == 0
    once = file.read_bytes()
    assert write_baseline(file, of_state(engine, load(file)).rows, ANSWERS) == 0
    assert file.read_bytes() == once
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("exceptions: [{rule: a, resource: b, owner: c, reason: d, ticket: e, expires: 2027-01-01}]\n", "in brackets"),
        ("exceptions: 7\n", "is not a file of exceptions"),
    ],
)
def test_a_file_that_cannot_take_entries_stays_as_it_is(engine: Engine, tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "exceptions.yaml"
    file.write_text(text)
    with pytest.raises(UnusableFileError, match=said):
        write_baseline(file, of_state(engine).rows, ANSWERS)
    assert file.read_text() == text


def test_every_line_that_a_row_offers_is_an_entry_for_it_alone(engine: Engine) -> None:
    rows = of_state(engine).rows
    for row in rows:
        (offered,) = yaml.safe_load(str(row.steps.ignore))
        assert statuses(of_rows(rows, Entry.model_validate({**offered, "expires": TODAY}))) == {short(row): "ignored"}


def of_rows(rows: list[Any], *entries: Entry) -> DriftDocument:
    """Return a document of rows to which exceptions were applied."""
    applied, notes = ignores.applied(rows, entries, TODAY, ran=frozenset())
    return DriftDocument.model_construct(rows=applied, notes=notes)
