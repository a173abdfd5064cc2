"""The page without a browser: whole, the same bytes every time, and no text of others is markup in it."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import escape

from pulumi_veza.access.comparison import Effect
from pulumi_veza.impact import building
from pulumi_veza.impact.document import Document, dump
from pulumi_veza.impact.rendering import FORMATS
from pulumi_veza.impact.rendering.counting import counts
from pulumi_veza.impact.rendering.effects import STYLES
from pulumi_veza.impact.rendering.headline import title
from pulumi_veza.impact.rendering.page.tables import FIRST, clean
from pulumi_veza.reports.options import RenderOptions
from tests.impact.stacks import groups, members, of_type, profile, texts, urn
from tests.impact.test_renderings import crowd, some_change

VOID = {"meta", "input", "br", "hr", "link", "img"}
BREAK = "wbr"
"""Where a line may break: the text goes on."""


class Page(HTMLParser):
    """What a page is made of."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.texts: list[tuple[str, str]] = []
        """The element that a text is directly in, and the text."""
        self.open: list[str] = []
        self.problems: list[str] = []
        self.goes_on = False
        self.feed(text)
        self.close()
        assert not self.problems
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == BREAK:
            self.goes_on = True
            return
        if len({name for name, _ in attrs}) < len(attrs):
            self.problems.append(f"an attribute twice: {tag} {attrs}")
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.problems.append(f"</{tag}> ends nothing, at {self.getpos()}")

    def handle_data(self, data: str) -> None:
        within = self.open[-1] if self.open else ""
        if self.goes_on and self.texts and self.texts[-1][0] == within:
            data = self.texts.pop()[1] + data
        self.goes_on = False
        self.texts.append((within, data))

    @property
    def structure(self) -> Counter[str]:
        """The elements with the names of their attributes."""
        return Counter(f"{tag} {sorted(attributes)}" for tag, attributes in self.elements)

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def within(self, tag: str) -> list[str]:
        return [text for name, text in self.texts if name == tag]

    @property
    def data(self) -> Any:
        """What the script reads."""
        (text,) = (each for each in self.within("script") if each.startswith("{"))
        return json.loads(text)

    def table(self, name: str) -> list[list[str]]:
        """Every row of a table, as the script sees it."""
        cells = [" ".join(text for _, text in parts) for parts in self.data["cells"]]
        return [[cells[number] for number in row] for row in self.data["tables"][name]]


def page(document: Document) -> str:
    return FORMATS["html"](document, RenderOptions())


ELSEWHERE = urn("MembershipSet", "again").replace("::test::", "::other::")
"""A set of another stack."""


def rich() -> Document:
    """Return a change with all that the page can show, but for its length."""
    stack = [
        of_type(),
        profile("base", {"entitlements": groups("a", "b")}, {"entitlements": groups("a")}),
        profile("second", {"entitlements": groups("d")}),
        profile("heir", {"inherits_from": texts("id-base")}, {"inherits_from": texts("id-second"), "state": "PAUSED"}),
        profile("new", None, {"entitlements": groups("e"), "inherits_from": texts("id-heir")}),
        profile("other", {"entitlements": groups("c")}, {}),
        members("heir", ["ada", "ben", "cai"], ["dee"], options={"max_removal_percent": 100}),
        members("second", ["eve", "fay", "gil", "hal"], ["eve", "fay", "gil"], options={"max_removal_percent": 30}),
        members("base", [f"p{number}" for number in range(9)], ["p0"]),
        members("other", ["ada"], ["ada"]),
        members("second", ["ada"], ["ada"], name="again", options={"mode": "authoritative"}, urn=ELSEWHERE),
        members("elsewhere", ["ada"], ["ada", "ben"]),
        members("base", ["zoe"], None, name="going"),
    ]
    return building.build(stack)


@pytest.fixture(scope="module")
def crowded() -> Document:
    return building.build(crowd(10_000, 1_000))


@pytest.fixture(scope="module")
def crowded_page(crowded: Document) -> str:
    return page(crowded)


def test_the_same_document_gives_the_same_bytes_in_every_process(tmp_path: Path) -> None:
    file = tmp_path / "impact.json"
    file.write_text(dump(rich()))
    command = [sys.executable, "-m", "pulumi_veza.cli", "impact", str(file), "--format", "html"]
    written = [
        subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True).stdout
        for seed in ("1", "2")
    ]
    assert written[0] == written[1] == page(rich()).encode()


def test_the_policy_lets_nothing_work_but_the_style_and_the_script_of_the_page() -> None:
    found = Page(page(rich()))
    (policy,) = (each["content"] for each in found.all("meta") if "http-equiv" in each)
    (style,) = found.within("style")
    (script,) = (each for each in found.within("script") if not each.startswith("{"))

    def hashed(text: str) -> str:
        return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()

    assert policy == (
        f"default-src 'none'; style-src 'sha256-{hashed(style)}'; script-src 'sha256-{hashed(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    assert [each.get("type") for each in found.all("script")] == ["application/json", None]
    for _, attributes in found.elements:
        assert "style" not in attributes
        assert not any(name.startswith("on") for name in attributes)


def test_nothing_is_loaded_from_anywhere() -> None:
    text = page(rich())
    for tag, attributes in Page(text).elements:
        assert tag not in {"link", "img", "iframe", "object", "embed", "base", "form", "audio", "video", "use", "image"}
        assert not {"src", "srcset", "action", "formaction", "data", "ping", "xlink:href"} & attributes.keys()
        assert attributes.get("href", "#").startswith("#")
    assert set(re.findall(r"\w+://[^\s\"'<]*", text)) == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"@import|url\((?!#)|\b(fetch|XMLHttpRequest|sendBeacon|WebSocket|import)\b", text)


def test_the_sections_come_in_the_order_in_which_one_wants_to_read_them() -> None:
    text = page(rich())
    order = [
        f"<h1>{escape(title(rich()))}</h1>",
        "<dt>Stack</dt>",
        'class="tiles"',
        'id="attention"',
        'id="people-section"',
        'id="entitlements-section"',
        'id="profiles-section"',
        'id="members-section"',
        'id="requests-section"',
        'id="inheritance-section"',
        'id="words"',
    ]
    places = [text.index(each) for each in order]
    assert places == sorted(places)


@pytest.mark.parametrize("make", [some_change, rich])
def test_every_count_is_shown(make: Any) -> None:
    document = make()
    text = page(document)
    assert document.summary.losing
    for count in counts(document):
        assert f"<dt>{count.title}</dt><dd>{count.number:,}</dd>" in text
    assert f'People <span class="total">{document.summary.people}</span>' in text


def test_effects_are_told_apart_by_a_sign_and_a_word() -> None:
    assert set(STYLES) == set(Effect)
    assert (
        len({style.sign for style in STYLES.values()}) == len({style.title for style in STYLES.values()}) == len(Effect)
    )
    shown = {row[1] for row in Page(page(rich())).table("people")}
    assert "\N{MINUS SIGN} Lost, not done" in shown
    assert "+ Gained" in {row[1] for row in Page(page(some_change())).table("people")}


def test_every_row_of_the_document_is_in_the_tables(crowded: Document, crowded_page: str) -> None:
    for document, text in ((rich(), page(rich())), (crowded, crowded_page)):
        found = Page(text)
        held = {each.key: f"{each.entity_id} {each.entity_type} in" for each in document.entitlements}
        named = {each.ref: each.name for each in document.profiles}
        expected = Counter(
            (
                person.id,
                STYLES[row.effect].title + {None: "", "certain": ", not done"}[row.undone],
                held[row.entitlement] if row.entitlement else "not known",
                " → ".join(named.get(ref, ref) for ref in row.path),
            )
            for person in document.people
            for row in person.rows
        )
        rows = Counter(
            (who, effect.split(" ", 1)[1], re.sub(r" in .*", " in", what), path)
            for who, effect, what, path, *_ in found.table("people")
        )
        assert rows == expected
        assert len(found.table("requests")) == len(document.requests)
        assert len(found.table("entitlements")) == len(document.entitlements)
        moving = sum(len(each.joining) + len(each.leaving) for each in document.profiles)
        shown = found.table("members") if "members" in found.data["tables"] else []
        assert len(shown) in {moving, 0}


def test_losses_come_first() -> None:
    effects = [row[1] for row in Page(page(some_change())).table("people")]
    assert effects[0] == "\N{MINUS SIGN} Lost"
    assert effects.index("+ Gained") > max(place for place, each in enumerate(effects) if "ost" in each)


def test_ten_thousand_people_take_seconds_and_few_bytes(crowded: Document) -> None:
    start = time.process_time()
    text = page(crowded)
    assert time.process_time() - start < 10
    assert len(text.encode()) < 4_000_000
    assert "10,000 people change access; Veza opens 20,000 access requests." in text
    assert "20,000 rows about 10,000 people; 1 to 200 shown." in text


def test_what_a_page_leaves_out_without_its_script_is_said(crowded_page: str) -> None:
    found = Page(crowded_page)
    said = [text for text in found.within("p") if "as this browser runs no script" in text]
    assert said == [
        f"The first {FIRST} of {count} rows are shown, as this browser runs no script. "
        for count in ("20,000", "1,000", "1,000", "20,000", "20,000", "1,000")
    ]
    assert "as this browser runs no script" not in page(rich())


def structured(found: Page) -> None:
    ids = [attributes["id"] for _, attributes in found.elements if "id" in attributes]
    assert len(set(ids)) == len(ids)
    for tag, attributes in found.elements:
        for name in ("for", "aria-controls", "aria-labelledby"):
            assert attributes.get(name, ids[0]) in ids, (tag, attributes)
        if "href" in attributes:
            assert attributes["href"][1:] in ids
        if tag == "th":
            assert attributes["scope"] in {"col", "row", "rowgroup"}
    labelled = {attributes["for"] for attributes in found.all("label")}
    assert labelled == {each["id"] for tag in ("input", "select") for each in found.all(tag)}
    levels = [int(tag[1]) for tag, _ in found.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in itertools.pairwise(levels))
    for tag in ("header", "main", "footer"):
        assert len(found.all(tag)) == 1
    assert found.all("html")[0]["lang"] == "en"
    names = [each["aria-label"] for each in found.all("nav")]
    assert len(set(names)) == len(names)
    for section in found.all("section"):
        assert section["aria-labelledby"]


def test_a_page_is_well_built(crowded_page: str) -> None:
    for text in (page(some_change()), page(rich()), page(building.build([])), crowded_page):
        structured(Page(text))


def test_nothing_that_changes_is_a_calm_page() -> None:
    text = page(building.build([of_type(), members("p", ["ada"], ["ada"])]))
    found = Page(text)
    assert found.within("h1") == ["No change of access."]
    assert not [tag for tag, _ in found.elements if tag in {"table", "input", "h2", "details"}]


def test_what_somebody_should_look_at_is_named_with_its_kind() -> None:
    found = Page(page(rich()))
    kinds = [text for tag, text in found.texts if tag == "p" and re.match("Conflict$|Removal|Could not", text)]
    assert kinds == sorted(
        kinds,
        key=[
            "Removal that the guard refuses",
            "Conflict",
            "Removal that no guard stops",
            "Removal close to what the guard allows",
            "Removal above the guard, confirmed",
            "Could not be known",
        ].index,
    )
    assert {
        "Conflict",
        "Removal that the guard refuses",
        "Could not be known",
    } <= set(kinds)
    (refused,) = [
        text for text in found.within("bdi") if re.match(r"The set '.*' would remove 8 of 9 members of base", text)
    ]
    assert " (89 %): " in refused
    allowed = "Up to 20 % may be removed without a confirmation, so the guard refuses it. To confirm it, write "
    assert [text for text in found.within("bdi") if text.startswith(allowed)]


def test_many_things_to_look_at_are_folded_and_the_rest_is_counted() -> None:
    document = rich()
    many = [document.conflicts[0].model_copy(update={"what": f"conflict {number}"}) for number in range(700)]
    document = document.model_copy(update={"conflicts": many, "removals": [], "unknowns": []})
    found = Page(page(document))
    assert "689 more" in found.within("summary")
    assert any(text.startswith("201 more are left out here") for text in found.within("p"))
    assert sum(each.get("class") == "notice lost" for each in found.all("li")) == 500


def test_new_and_ended_inheritance_is_drawn_and_listed() -> None:
    found = Page(page(rich()))
    arrows = Counter(each["class"] for each in found.all("path") if each.get("class"))
    assert arrows == {"edge new": 2, "edge gone": 1}
    assert sorted(found.table("inheritance")) == [
        ["heir", "+ New", "second"],
        ["heir", "\N{MINUS SIGN} Ends", "base"],
        ["new", "+ New", "heir"],
    ]
    boxes = {text for tag, text in found.texts if tag == "title" and "; " in text}
    assert "base; 10 → 1 member; changed" in boxes


def test_a_picture_of_too_many_profiles_shows_what_changes_or_is_left_out() -> None:
    heirs = [profile(f"h{number}", {"inherits_from": texts("id-base")}) for number in range(80)]
    alone = [profile("top", {}, {"inherits_from": texts("id-own")}), profile("own", {"entitlements": groups("z")})]
    stack = [of_type(), profile("base", {"entitlements": groups("a")}, {"entitlements": groups("b")})]
    sets = [members(f"h{number}", [f"p{number}"], [f"p{number}"]) for number in range(80)]
    some = Page(page(building.build([*stack, *heirs, *alone, *sets, members("top", ["ada"], ["ada"])])))
    assert sum(each.get("class") == "box" for each in some.all("rect")) == 2
    assert any("the 2 are drawn whose inheritance changes" in text for text in some.within("p"))
    assert len(some.table("inheritance")) == 81
    none = Page(page(building.build([*stack, *heirs, *sets])))
    assert not none.all("svg")
    assert any("81 profiles are too many for a picture" in text for text in none.within("p"))


KINDS_OF_TEXT = {
    "id", "name", "key", "entity_type", "datasource_id", "entity_id", "ref", "what", "file", "limit", "kind", "urn",
    "state_before", "state_after", "identity_id", "profile", "entitlement", "cause", "stack", "old_id", "reason",
}  # fmt: skip
LISTS_OF_TEXT = {
    "path", "inherits", "inherited_before", "entitlements_added", "entitlements_removed", "profiles", "urns",
}  # fmt: skip


def hostile(document: Document, text: str) -> Document:
    """Put a text behind every text that is a user's or the tenant's."""

    def changed(value: Any, key: str) -> Any:
        if isinstance(value, dict):
            return {name: changed(each, name) for name, each in value.items()}
        if isinstance(value, list):
            return [changed(each, key if key in LISTS_OF_TEXT else "") for each in value]
        return f"{value}{text}" if isinstance(value, str) and key in KINDS_OF_TEXT | LISTS_OF_TEXT else value

    return Document.model_validate({**changed(document.model_dump(), ""), "valid_at": text})


NASTY = [
    "</script><script>alert(1)</script>",
    "</script x",
    "<!-- <script /",
    "</style><!--",
    "<!--<script>",
    "]]><img src=x onerror=alert(1)>",
    "\"'><b onclick='x'>",
    "&lt;b&gt; &#60;b&#62;",
    "{{ 7 * 7 }}{% raw %}",
    "\N{RIGHT-TO-LEFT OVERRIDE}gpj.exe",
    "a\x00b\x1b[31mc\u2028d\ud800e",
    "${alert(1)}`\\",
    "名前" * 40,
    "a" * 3000,
]


def assert_is_text(document: Document, text: str) -> None:
    written = page(hostile(document, text))
    tame, wild = Page(page(hostile(document, "x"))), Page(written)
    assert wild.structure == tame.structure
    # What ends a script for a browser is more than the parser of this test knows.
    assert not re.search("[<>&]", written.partition('id="data">')[2].partition("</script>\n<script>")[0])
    shown = clean(f"ada{text}")
    assert any(shown.rstrip() in each for each in wild.within("bdi"))
    assert any(shown in each for row in wild.table("people") for each in row)
    for each in (*wild.within("bdi"), *(cell for row in wild.table("people") for cell in row)):
        assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", each)


@pytest.mark.parametrize("text", NASTY)
def test_what_somebody_wrote_is_text(text: str) -> None:
    assert_is_text(rich(), text)
    assert page(hostile(rich(), text)).encode()


@settings(max_examples=40)
@given(st.text(min_size=1))
def test_whatever_somebody_wrote_is_text(text: str) -> None:
    assert_is_text(some_change(), text)
