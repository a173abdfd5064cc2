"""The document and its renderings: whole within their budget, the same bytes every time, and nothing that is markup."""

from __future__ import annotations

import html
import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from importlib import resources

import pytest

from pulumi_veza.errors import UnknownConditionError, UnusableFileError
from pulumi_veza.impact import building, failing
from pulumi_veza.impact.document import ConflictImpact, Document, Hint, dump, load, schema
from pulumi_veza.impact.rendering import FORMATS, marks
from pulumi_veza.impact.rendering.findings import RULES
from pulumi_veza.impact.rendering.headline import headline
from pulumi_veza.impact.stopping import stopped
from pulumi_veza.plan.records import Record
from pulumi_veza.reports.failing import reasons
from pulumi_veza.reports.options import COMMENT_BYTES, RenderOptions
from tests.impact.stacks import groups, members, of_type, profile, texts

PUBLISHED = resources.files("pulumi_veza.impact") / "schema-v1.json"


def some_change() -> Document:
    """Return a change with a bit of everything."""
    return building.build(
        [
            of_type(),
            profile("base", {"entitlements": groups("a", "b")}, {"entitlements": groups("a")}),
            profile("heir", {"inherits_from": texts("id-base")}),
            profile("other", {"entitlements": groups("c")}, {}),
            members(
                "heir",
                ["ada", "ben", "cai"],
                ["ada", "ben", "dee"],
                options={"max_removal_percent": 100},
                modified="2030-01-02T03:04:05.678901234Z",
            ),
            members("base", [], []),
            members("other", ["ada"], ["ada"]),
            members("elsewhere", ["ada"], ["ada", "ben"]),
        ]
    )


def crowd(people: int, profiles: int) -> list[Record]:
    """Return a stack in which everybody moves from one profile to another, and each is a member of ten."""
    names = [f"p{number:04}" for number in range(profiles)]
    stack = [of_type(), profile("base", {"entitlements": groups("shared")}), members("base", [], [])]
    for number, name in enumerate(names):
        own = {"entitlements": groups(f"g{number}"), "inherits_from": texts("id-base")}
        stack.append(profile(name, own))
    here = {name: [] for name in names}
    there = {name: [] for name in names}
    for number in range(people):
        here[names[number % profiles]].append(f"person-{number:05}")
        there[names[(number + 1) % profiles]].append(f"person-{number:05}")
    unguarded = {"max_removal_percent": 100, "allow_emptying": True}
    return [*stack, *(members(name, here[name], there[name], options=unguarded) for name in names)]


@pytest.fixture(scope="module")
def crowded() -> Document:
    return building.build(crowd(10_000, 1_000))


@pytest.mark.parametrize("name", ["markdown", "markdown-plain"])
@pytest.mark.slow
def test_ten_thousand_people_fit_the_comment_with_headline_and_counts_whole(crowded: Document, name: str) -> None:
    text = FORMATS[name](crowded, RenderOptions())
    assert len(text.encode()) <= COMMENT_BYTES
    assert len(text.encode()) > COMMENT_BYTES * 0.8
    assert "10,000 people change access; Veza opens 20,000 access requests." in text
    assert "| People who lose something | 10,000 |" in text
    assert "Lost: 10,000 people" in text
    assert "Gained: 10,000 people" in text
    assert re.search(r"\.\.\. and [\d,]+ more lines", text)
    assert text.count("<details>") == text.count("</details>")


@pytest.mark.parametrize("budget", [1000, 1500, 3000, 10_000])
def test_the_headline_and_the_counts_stay_whole_in_any_budget(crowded: Document, budget: int) -> None:
    text = FORMATS["markdown"](crowded, RenderOptions(budget=budget))
    assert len(text.encode()) <= budget
    assert "10,000 people change access; Veza opens 20,000 access requests." in text
    assert "| Access requests to de-provision | 10,000 |" in text


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_change_gives_the_same_bytes_and_a_saved_document_as_well(name: str) -> None:
    first, second = some_change(), some_change()
    text = FORMATS[name](first, RenderOptions())
    assert FORMATS[name](second, RenderOptions()) == text
    assert FORMATS[name](load(dump(first)), RenderOptions()) == text


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_that_changes_is_nothing_in_every_rendering(name: str) -> None:
    nothing = building.build([of_type(), profile("p", {"entitlements": groups("a")}), members("p", ["ada"], ["ada"])])
    assert nothing.empty
    text = FORMATS[name](nothing, RenderOptions())
    assert "ada" not in text
    if name == "json":
        assert json.loads(text)["people"] == []
    elif name == "sarif":
        assert json.loads(text)["runs"][0]["results"] == []
    else:
        assert "No change of access." in text


def test_losses_come_before_gains_and_are_not_folded() -> None:
    text = FORMATS["markdown"](some_change(), RenderOptions())
    assert text.index("#### Lost: 1 person") < text.index("<details>")
    assert text.index("#### Lost: 1 person") < text.index("<summary>Gained: 1 person")
    assert "- cai" not in text.partition("<details>")[0].partition("#### Lost")[0]


def test_the_plain_variant_folds_nothing_and_shows_no_html() -> None:
    text = FORMATS["markdown-plain"](some_change(), RenderOptions())
    assert "<" not in text
    assert "#### Gained: 1 person" in text


HOSTILE = "@team #1 <!-- --> </details> `x` [a](http://b) | *c*\n# d"


def test_what_somebody_wrote_is_never_markup() -> None:
    stack = [
        of_type(),
        profile("p", {"entitlements": groups(HOSTILE), "name": HOSTILE}),
        members("p", [], [HOSTILE]),
    ]
    text = FORMATS["markdown"](building.build(stack), RenderOptions())
    body = text.partition("-->")[2]
    outside = re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", body)
    assert "@" not in outside
    assert "<!--" not in outside
    assert outside.count("</details>") == outside.count("<details>")
    assert "\n# d" not in body


def test_a_terminal_is_not_steered_by_what_somebody_wrote() -> None:
    stack = [
        of_type(),
        profile("p", {"entitlements": groups("a"), "name": "x\x1b[31m\x07"}),
        members("p", [], ["a[b]c"]),
    ]
    text = FORMATS["terminal"](building.build(stack), RenderOptions())
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "a[b]c" in text


@pytest.mark.parametrize("format_", ["terminal", "markdown", "markdown-plain", "annotations", "sarif"])
def test_a_name_of_the_tenant_is_in_one_line_without_what_steers_its_display(format_: str) -> None:
    hostile, name = "x\u202e\u2066\x1b[31m\n::error::y", "Eve\n::warning::z\x1b\u200f"
    stack = [
        of_type(),
        profile("p", {"entitlements": groups(hostile), "name": hostile}),
        members("p", ["eve", "blank"], [], options={"max_removal_percent": 100, "allow_emptying": True}),
    ]
    listed = stack[2].old["members"]
    listed["eve"]["name"], listed["blank"]["name"] = name, " \u200b"
    text = FORMATS[format_](building.build(stack), RenderOptions())
    assert not re.search("[\x00-\x09\x0b-\x1f\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]", text)
    assert not re.search("^::(error|warning)::", text, re.MULTILINE)
    assert "blank" in text


def test_the_terminal_shows_everything_only_when_asked(crowded: Document) -> None:
    assert len(FORMATS["terminal"](crowded, RenderOptions()).splitlines()) < 250
    some = some_change()
    assert FORMATS["terminal"](some, RenderOptions(width=60)) != FORMATS["terminal"](some, RenderOptions(width=100))


def test_sarif_has_every_rule_it_uses_and_a_place_for_every_result() -> None:
    found = json.loads(FORMATS["sarif"](some_change(), RenderOptions(source_root="infra/veza")))
    (run,) = found["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == [rule.name for rule in RULES]
    levels = {rule.name: rule.severity.value for rule in RULES}
    assert run["results"]
    for result in run["results"]:
        assert levels[result["ruleId"]] == result["level"]
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"] == "infra/veza/Pulumi.yaml"
        assert place["region"]["startLine"] >= 1
    keys = [result["partialFingerprints"]["finding/v1"] for result in run["results"]]
    assert len(set(keys)) == len(keys)


def commands(text: str) -> Iterator[tuple[str, str, str]]:
    for line in text.splitlines():
        found = re.fullmatch(r"::(\w+) ([^:]*)::(.*)", line)
        assert found, line
        yield found[1], found[2], found[3]


def test_workflow_commands_are_escaped_and_never_more_than_are_shown(crowded: Document) -> None:
    found = list(commands(FORMATS["annotations"](crowded, RenderOptions())))
    counts = {kind: len(list(group)) for kind, group in itertools.groupby(sorted(kind for kind, _, _ in found))}
    assert counts == {"notice": 10, "warning": 10}
    assert "more findings are in the comment" in found[-1][2]
    hostile = building.build(
        [of_type(), profile("p", {"entitlements": groups("a\n::error::%")}), members("p", [], ["b"])]
    )
    assert len(list(commands(FORMATS["annotations"](hostile, RenderOptions())))) == 3


@pytest.mark.parametrize("name", FORMATS)
def test_every_rendering_says_once_that_the_tenant_was_not_looked_at_why_and_what_is_not_known(name: str) -> None:
    offline = some_change().model_copy(update={"not_looked": "VEZA_URL is not set"})
    text = " ".join(FORMATS[name](offline, RenderOptions(width=500)).replace("\\", "").split())
    if name == "json":
        assert '"live": false, "not_looked": "VEZA_URL is not set"' in text
        return
    assert text.count("The tenant was not looked at (VEZA_URL is not set)") == 1
    assert text.count("members whom no set of these stacks lists") == 1
    live = offline.model_copy(update={"live": True})
    assert "(VEZA_URL is not set)" not in FORMATS[name](live, RenderOptions(width=500)).replace("\\", "")


def test_what_is_unknown_of_many_profiles_is_said_once() -> None:
    new = [profile(f"new {number}", None, {"entitlements": groups("a")}) for number in range(7)]
    unread = [profile(f"old {number}", {"entitlements": groups("a")}, {"entitlements": {}}) for number in range(2)]
    found = building.build([of_type(), *new, *unread]).unknowns
    assert [(each.what, each.reason, len(each.profiles), each.people) for each in found] == [
        (
            "new 0, new 1, new 2, new 3, new 4 and 2 more",
            "they may exist in Veza already, with members who are not known here, and would be taken over then",
            7,
            0,
        ),
        ("old 0, old 1", "who is a member has not been read", 2, 0),
    ]


@pytest.mark.parametrize("name", FORMATS)
def test_every_rendering_shows_what_is_to_be_checked_once(name: str) -> None:
    hint = Hint(what="Group okta/engneering", reason="no profile of the tenant holds it so far")
    document = some_change().model_copy(update={"hints": [hint]})
    text = " ".join(FORMATS[name](document, RenderOptions(width=500)).split())
    assert text.count("okta/engneering") == 1
    assert text.count("no profile of the tenant holds it so far") == 1


def test_the_published_schema_is_the_one_of_the_models() -> None:
    assert json.loads(PUBLISHED.read_text()) == json.loads(json.dumps(schema()))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is not JSON"),
        ("{}", "is no impact document"),
        ('{"format": "pulumi-veza-impact", "version": 2}', "version 2, and this pulumi-veza reads version 1"),
        ('{"format": "pulumi-veza-impact", "version": 1}', "cannot be read at stacks"),
    ],
)
def test_what_is_no_document_says_so_in_one_line(text: str, said: str) -> None:
    with pytest.raises(UnusableFileError) as raised:
        load(text)
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


def test_fields_that_are_added_later_are_ignored() -> None:
    later = json.loads(dump(some_change())) | {"weather": "fine"}
    assert load(json.dumps(later)) == some_change()


@pytest.mark.parametrize(
    ("there", "here", "newer"),
    [
        ("2", "10", False),
        ("10", "2", True),
        ("7", "7", False),
        ("2030-01-01T00:00:00Z", "2030-01-01T01:00:00+02:00", True),
        ("2030-01-01T00:00:00.5Z", "2030-01-01T00:00:00.123456789Z", True),
        ("b", "a", True),
        (None, "1", False),
        ("1", None, False),
    ],
)
def test_only_a_newer_comment_about_the_same_stacks_stays(there: str | None, here: str | None, newer: bool) -> None:
    document = some_change()
    old = document.model_copy(update={"valid_at": there})
    now = document.model_copy(update={"valid_at": here})
    for name in ("markdown", "markdown-plain"):
        assert marks.is_newer(FORMATS[name](old, RenderOptions()), now) is newer
    other = now.model_copy(update={"stacks": []})
    assert not marks.is_newer(FORMATS["markdown"](old, RenderOptions()), other)
    assert not marks.is_newer("another comment", now)


def test_without_a_mark_of_its_own_a_comment_is_as_new_as_the_state() -> None:
    assert some_change().valid_at == "2030-01-02T03:04:05.678901234Z"


def test_the_sentence_tells_requests_that_are_certain_from_those_that_are_not() -> None:
    some = some_change()
    assert "Veza opens 2 access requests and may open 1 more;" in headline(some)
    doubtful = some.model_copy(update={"summary": some.summary.model_copy(update={"requests_in_doubt": 3})})
    assert "Veza may open 3 access requests;" in headline(doubtful)


def met(document: Document, *texts_: str) -> list[str]:
    return list(reasons(document, failing.CONDITIONS.parse(texts_)))


def a_refused_change() -> Document:
    crew = {who: {"id": who, "name": who.title(), "managed": True} for who in ("ada", "ben", "cai", "dee")}
    return building.build(
        [
            of_type(),
            profile("p", {"entitlements": groups("a"), "name": "Desk"}),
            members("p", [*crew], ["ada"], name="crew", outputs={"members": crew}),
        ]
    )


@pytest.mark.parametrize("name", ["terminal", "markdown", "markdown-plain", "html", "annotations"])
def test_what_up_will_refuse_comes_first_with_who_and_what_confirms_it(name: str) -> None:
    document = a_refused_change()
    text = re.sub(r"<[^>]+>", " ", FORMATS[name](document, RenderOptions(width=500)).replace("\\", ""))
    text = " ".join(html.unescape(text).replace("`", "").split())
    first = (
        "pulumi up will refuse this change, and nothing is changed: the set 'crew' would remove 3 of 4 members of Desk"
    )
    assert text.index(first) < text.index("3 people")
    for who in ("Ben (ben)", "Cai (cai)", "Dee (dee)"):
        assert who in text
    confirmation = document.removals[0].confirmation
    assert f'o confirm it, write allow_removals="{confirmation}" in the set' in text
    assert met(document, "refused") == ["refused"]
    assert headline(document).endswith("If it were not refused: 3 people lose access; Veza opens 3 access requests.")


def test_several_refusals_are_counted_and_each_is_listed() -> None:
    refused = ConflictImpact(what="type Open exists already", urns=["urn:1"], refused=True)
    document = a_refused_change().model_copy(update={"conflicts": [refused]})
    assert headline(document).startswith(
        "`pulumi up` will refuse this change for 2 reasons, and nothing is changed. If it were not refused: 3 people"
    )
    text = FORMATS["markdown"](document, RenderOptions())
    assert text.index("#### Refused: 2") < text.index("Stack test/dev")
    assert "- Type Open exists already\n" in text
    assert "conflict" not in text


def test_a_refusal_fits_the_budget_of_a_comment() -> None:
    many = [f"person-{number:05}" for number in range(3000)]
    document = building.build([of_type(), profile("p", {}), members("p", many, [])])
    for budget in (1000, 3000, COMMENT_BYTES):
        text = FORMATS["markdown"](document, RenderOptions(budget=budget))
        assert len(text.encode()) <= budget
        assert "would remove 3,000 of 3,000 members of p" in text


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("refused", [True, False])
def test_a_change_that_could_not_be_checked_says_so_and_nothing_else(name: str, refused: bool) -> None:
    document = stopped("the program failed: NameError", ["test/dev"], "3", refused=refused)
    assert not document.empty
    text = FORMATS[name](document, RenderOptions(width=200))
    assert "the program failed: NameError" in text
    assert "No change of access" not in text
    assert "Nobody gains" not in text
    assert "| 0 |" not in text
    if name not in {"json", "sarif"}:
        first = "will refuse this change, and nothing is changed" if refused else "Nothing could be checked"
        assert first in text
    assert load(dump(document)) == document


def test_conditions_are_met_by_what_they_name() -> None:
    some = some_change()
    every = ["losses", "gains", "any", "refused", "conflicts", "unknown"]
    assert met(some, *every) == ["losses", "gains", "any", "unknown"]
    assert met(some, "count>3, percent>99") == ["count>3"] * (some.summary.people > 3) + ["percent>99"]
    assert met(some, "count>4") == []
    assert met(building.build([]), *every, "count>0", "percent>0") == []


@pytest.mark.parametrize("text", ["", "gain", "any,", "count", "count>", "percent>x", "count<3", "count>-1"])
def test_a_condition_that_means_nothing_is_refused_with_a_list(text: str) -> None:
    with pytest.raises(UnknownConditionError, match="losses, gains, any, refused, conflicts, unknown, count>N"):
        failing.CONDITIONS.parse([text])


def test_a_removal_is_held_against_its_guard() -> None:
    def level(removed: int, **options: int) -> list[tuple[str, str | None]]:
        people = [f"person-{number}" for number in range(20)]
        stack = [of_type(), profile("p", {}), members("p", people, people[removed:], options=options)]
        return [(each.level, each.limit) for each in building.build(stack).removals]

    assert level(1) == [("within", None)]
    assert level(2) == [("near", "up to 20 % may be removed without a confirmation")]
    assert level(5) == [("over", "up to 20 % may be removed without a confirmation")]
    assert level(2, max_removals=3, max_removal_percent=100) == [
        ("near", "up to 3 may be removed without a confirmation")
    ]
    assert level(5, max_removals=3, max_removal_percent=100) == [
        ("over", "up to 3 may be removed without a confirmation")
    ]
    assert level(20, max_removal_percent=100) == [("over", "nobody would be left")]


def test_two_stacks_that_manage_one_profile_are_a_conflict() -> None:
    ours = profile("p", {"entitlements": groups("a")})
    theirs = profile("p", {"entitlements": groups("a")}, urn=ours.urn.replace("::test::", "::other::"))
    found = building.build([of_type(), ours, theirs])
    assert [each.what for each in found.conflicts] == [
        "2 resources manage profile p",
        "2 resources write the content of profile p",
    ]
    assert [stack.name for stack in found.stacks] == ["other/dev", "test/dev"]


def test_an_authoritative_set_beside_one_of_another_stack_is_a_conflict_and_of_its_own_a_hint() -> None:
    alone = members("p", ["ada"], ["ada"], options={"mode": "authoritative"}, name="alone")
    beside = members("p", ["ben"], ["ben"], name="beside")
    found = building.build([of_type(), profile("p", {}), alone, beside])
    assert found.conflicts == []
    assert [each.what for each in found.hints] == ["the sets 'alone' and 'beside' of p"]
    assert "every refresh shows these people as added by hand" in found.hints[0].reason
    elsewhere = replace(beside, urn=beside.urn.replace("::test::", "::other::"))
    found = building.build([of_type(), profile("p", {}), alone, elsewhere])
    assert [(each.what, each.refused) for each in found.conflicts] == [
        ("set 'alone' lets nobody else be a member of p, and set 'beside' lists 1 other person", False)
    ]
    assert found.hints == []


def test_two_authoritative_sets_of_one_stack_are_both_refused() -> None:
    only = {"mode": "authoritative"}
    new = [members("p", None, [who], options=only, name=who) for who in ("ada", "ben")]
    found = building.build([of_type(), profile("p", {"entitlements": groups("a")}), *new])
    (conflict,) = found.conflicts
    assert conflict.what == "the sets 'ada' and 'ben' of p are both authoritative"
    assert found.refused_at == "run"
    assert "`pulumi up` will fail at a part of this change" in headline(found)
    assert {row.undone for each in found.people for row in each.rows} == {"certain"}


def test_a_program_that_declares_nothing_any_more_is_said_to_have_no_guard() -> None:
    gone = [profile("p", {"entitlements": groups("a")}, {}), members("p", ["ada", "ben"], None)]
    found = building.build([*gone, replace(of_type(), op="delete", new_inputs=None)])
    assert found.refused_at is None
    (conflict,) = found.conflicts
    said = "the program declares nothing of Veza any more, so no guard stops that 2 people leave p"
    assert (conflict.what, conflict.refused) == (said, False)
    for name in ("terminal", "markdown", "html"):
        assert said in " ".join(FORMATS[name](found, RenderOptions(width=2000)).split())


def test_stacks_that_refer_to_each_other_are_seen_as_one() -> None:
    base = profile("base", {"entitlements": groups("a")})
    theirs = members("base", [], ["ada"], urn=members("base", [], []).urn.replace("::test::", "::other::"))
    found = building.build([of_type(), base, theirs])
    assert [(row.effect, row.entitlement) for person in found.people for row in person.rows] == [
        ("gained", "Group ds/a")
    ]
