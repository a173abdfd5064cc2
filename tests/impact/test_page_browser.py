"""The page of an impact in a real browser: by mouse, keyboard and ear; small, dark, printed, without its script."""

from __future__ import annotations

import itertools
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from pulumi_veza.impact import building
from tests.impact.browser import CHROMIUM, Open, Opened, chromium, open_
from tests.impact.test_page import NASTY, hostile, rich
from tests.impact.test_renderings import crowd, some_change

__all__ = ["chromium", "open_"]

if CHROMIUM is None:
    pytest.skip("there is no chromium on the PATH: `apt-get install chromium` lets these run", allow_module_level=True)

HEADS = ["Person", "Effect", "Entitlement", "By profile", "Why", "Caused by"]
FOCUSED = "document.activeElement.id || document.activeElement.textContent"


def test_the_search_says_how_many_rows_are_left(open_: Open) -> None:
    shown = open_(some_change())
    status = shown.status()
    expect(status).to_have_attribute("aria-live", "polite")
    expect(status).to_have_text("7 rows about 4 people.")
    search = shown.page.get_by_label("Search")
    search.fill("ADA nowhere")
    expect(status).to_have_text("0 of 7 rows about 0 of 4 people.")
    assert shown.rows() == []
    search.fill("  ÁDA  other")
    expect(status).to_have_text("1 of 7 rows about 1 of 4 people.")
    assert [row[0] for row in shown.rows()] == ["ada"]
    search.fill("")
    expect(status).to_have_text("7 rows about 4 people.")


def test_the_filter_leaves_one_effect(open_: Open) -> None:
    shown = open_(some_change())
    effect = shown.page.get_by_label("Effect", exact=True)
    assert effect.locator("option").all_text_contents() == [
        "All",
        "Lost (2 rows)",
        "May be lost (3 rows)",
        "Gained (1 row)",
        "Could not be known (1 row)",
    ]
    effect.select_option("Lost (2 rows)")
    expect(shown.status()).to_have_text("2 of 7 rows about 1 of 4 people.")
    shown.page.get_by_label("Search").fill("nobody")
    expect(shown.status()).to_have_text("0 of 7 rows about 0 of 4 people.")
    shown.page.get_by_label("Search").fill("cai heir")
    expect(shown.status()).to_have_text("2 of 7 rows about 1 of 4 people.")
    assert {row[-5] for row in shown.rows()} == {"\N{MINUS SIGN} Lost"}


def test_what_belongs_to_a_person_is_together_unless_it_should_not_be(open_: Open) -> None:
    shown = open_(some_change())
    heads = shown.page.locator("#people tbody th")
    assert heads.all_text_contents() == ["cai", "ada", "ben", "dee"]
    assert heads.first.get_attribute("rowspan") == "2"
    shown.page.get_by_label("Group by person").uncheck()
    assert heads.all_text_contents() == ["cai", "cai", "ada", "ada", "ben", "ben", "dee"]
    assert all(len(row) == len(HEADS) for row in shown.rows())


def test_columns_are_sorted_by_keyboard(open_: Open) -> None:
    shown = open_(some_change())
    shown.page.get_by_label("Group by person").focus()
    head = shown.page.locator("#people").get_by_role("columnheader", name="Person")
    assert head.get_attribute("aria-sort") is None
    shown.page.keyboard.press("Tab")
    shown.page.keyboard.press("Enter")
    expect(head).to_have_attribute("aria-sort", "ascending")
    names = shown.page.locator("#people tbody th")
    assert names.all_text_contents() == ["ada", "ben", "cai", "dee"]
    shown.page.keyboard.press("Space")
    expect(head).to_have_attribute("aria-sort", "descending")
    assert names.all_text_contents() == ["dee", "cai", "ben", "ada"]
    shown.page.keyboard.press("Tab")
    shown.page.keyboard.press("Enter")
    assert head.get_attribute("aria-sort") is None
    expect(shown.page.get_by_role("columnheader", name="Effect")).to_have_attribute("aria-sort", "ascending")
    assert names.all_text_contents() == ["cai", "ada", "ben", "dee"]


def test_numbers_are_sorted_as_numbers_and_a_third_click_restores_the_order(open_: Open) -> None:
    shown = open_(building.build(crowd(1_100, 11)))
    first = shown.rows("entitlements")
    head = shown.page.locator("#profiles th", has_text="Profile").get_by_role("button")
    before = shown.rows("profiles")
    for _ in range(3):
        head.click()
    assert shown.rows("profiles") == before
    effects = shown.page.locator("#entitlements").get_by_role("button", name="Entitlement")
    effects.click()
    assert [row[0] for row in shown.rows("entitlements")] == [f"g{number} Group in ds" for number in range(11)]
    effects.click()
    assert shown.rows("entitlements")[0][0] == "g10 Group in ds"
    assert len(first) == 11


def test_the_first_rows_of_the_script_are_those_of_the_page(open_: Open) -> None:
    shown = open_(rich())
    for table in ("people", "entitlements", "profiles", "members", "requests"):
        bodies = f"[...document.querySelectorAll('#{table} tbody tr')].map(row => row.outerHTML)"
        before = shown.page.evaluate(bodies)
        head = shown.page.locator(f"#{table} thead button").first
        for _ in range(3):
            head.click()
        assert shown.page.evaluate(bodies) == before


def test_focus_goes_from_the_top_to_the_bottom_and_is_seen(open_: Open) -> None:
    shown = open_(some_change())
    passed = []
    tops = []
    for _ in range(60):
        shown.page.keyboard.press("Tab")
        if shown.page.evaluate("document.activeElement === document.body"):
            break
        passed.append(shown.page.evaluate(FOCUSED))
        tops.append(shown.page.evaluate("document.activeElement.getBoundingClientRect().top + scrollY"))
        outline = shown.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid", passed[-1]
    assert passed[:2] == ["Skip to the content", "To look at first 2"]
    start = passed.index("people-search")
    assert passed[start : start + 9] == ["people-search", "people-filter", "people-grouped", *HEADS]
    assert passed[-2] == "The inheritance as a table"
    assert passed[-1].endswith(" more words")
    assert all(later >= earlier - 40 for earlier, later in itertools.pairwise(tops[1:]))


def test_the_skip_link_leads_to_the_content(open_: Open) -> None:
    shown = open_(some_change())
    shown.page.keyboard.press("Tab")
    expect(shown.page.get_by_text("Skip to the content")).to_be_in_viewport()
    shown.page.keyboard.press("Enter")
    assert shown.page.evaluate(FOCUSED) == "main"


def test_ten_thousand_people_are_turned_page_by_page_and_found_at_once(open_: Open) -> None:
    shown = open_(building.build(crowd(10_000, 1_000)))
    status = shown.status()
    expect(status).to_have_text("20,000 rows about 10,000 people; 1 to 200 shown.")
    pages = shown.page.get_by_label("Pages: Who gains or loses what")
    next_, previous = pages.get_by_role("button", name="Next"), pages.get_by_role("button", name="Previous")
    expect(previous).to_have_attribute("aria-disabled", "true")
    next_.click()
    expect(status).to_have_text("20,000 rows about 10,000 people; 201 to 400 shown.")
    assert shown.rows()[0][0] == "person-00100"
    assert len(shown.rows()) == 200
    expect(previous).to_have_attribute("aria-disabled", "false")
    shown.page.locator("#people-search").fill("person-04711")
    expect(status).to_have_text("2 of 20,000 rows about 1 of 10,000 people.")
    expect(pages).to_be_hidden()
    assert [row[-4] for row in shown.rows()] == ["\N{MINUS SIGN} Lost", "+ Gained"]


def test_the_last_page_ends_and_keeps_the_focus(open_: Open) -> None:
    shown = open_(building.build(crowd(150, 3)))
    next_ = shown.page.get_by_label("Pages: Who gains or loses what").get_by_role("button", name="Next")
    next_.focus()
    for _ in range(3):
        shown.page.keyboard.press("Enter")
    expect(shown.status()).to_have_text("300 rows about 150 people; 201 to 300 shown.")
    expect(next_).to_have_attribute("aria-disabled", "true")
    expect(next_).to_be_focused()


def test_without_its_script_the_page_is_whole(open_: Open) -> None:
    shown = open_(some_change(), java_script_enabled=False)
    expect(shown.page.locator("#people tbody tr")).to_have_count(7)
    for table in ("entitlements", "profiles", "requests"):
        expect(shown.page.locator(f"#{table}")).to_be_visible()
    expect(shown.page.get_by_role("img")).to_be_visible()
    for control in ("button", "searchbox", "combobox", "checkbox"):
        expect(shown.page.get_by_role(control)).to_have_count(0)
    long = open_(building.build(crowd(150, 3)), java_script_enabled=False)
    expect(long.page.locator("#people tbody tr")).to_have_count(200)
    said = "The first 200 of 300 rows are shown, as this browser runs no script."
    left_out = long.page.locator("#people-section .left-out")
    expect(left_out).to_be_visible()
    expect(left_out).to_contain_text(said)


@pytest.mark.parametrize("width", [360, 1000])
def test_nothing_is_wider_than_the_window(open_: Open, width: int) -> None:
    long = hostile(rich(), "-and-a-very-long-name-without-any-space-" * 4)
    for document in (rich(), long):
        shown = open_(document, width=width, height=740)
        assert shown.page.evaluate("document.documentElement.scrollWidth") <= width
        wider = shown.page.locator("main td, main th, main p, main dd, main li").evaluate_all(
            f"all => all.filter(each => !each.matches('.unseen') && each.getBoundingClientRect().right > {width})"
            ".map(each => each.textContent)"
        )
        assert wider == []


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 360)])
def test_a_check_of_accessibility_finds_nothing(open_: Open, scheme: str, width: int) -> None:
    assert_accessible(open_(rich(), width=width, color_scheme=scheme))


def test_a_check_of_accessibility_finds_nothing_where_nothing_changes(open_: Open) -> None:
    assert_accessible(open_(building.build([])))


def assert_accessible(shown: Opened) -> None:
    shown.page.locator("details").evaluate_all("all => all.forEach(each => { each.open = true })")
    found = Axe().run(shown.page).response
    assert found["testEngine"]["name"] == "axe-core"
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found["violations"]] == []


def test_dark_is_dark_and_print_is_light(open_: Open) -> None:
    def brightness() -> float:
        color = shown.page.evaluate("getComputedStyle(document.body).backgroundColor")
        return sum(map(int, re.findall(r"\d+", color)[:3])) / 3

    shown = open_(some_change(), color_scheme="dark")
    assert brightness() < 40
    shown.page.emulate_media(media="print")
    assert brightness() == 255
    for left_out in (".tools", ".contents", ".skip"):
        expect(shown.page.locator(left_out).first).to_be_hidden()
    expect(shown.page.locator("#inheritance")).to_be_visible()
    shown.page.emulate_media(media="screen", color_scheme="light")
    assert brightness() == 255


def test_motion_is_only_for_those_who_want_it(open_: Open) -> None:
    smooth = "getComputedStyle(document.documentElement).scrollBehavior"
    assert open_(some_change(), reduced_motion="reduce").page.evaluate(smooth) == "auto"
    assert open_(some_change(), reduced_motion="no-preference").page.evaluate(smooth) == "smooth"


def test_everything_has_a_name_for_those_who_listen(open_: Open) -> None:
    shown = open_(some_change())
    heard = shown.page.locator("body").aria_snapshot()
    for each in (
        "banner",
        'heading "1 person loses and 1 person gains access; 2 people may lose access; Veza opens 2 access requests '
        'and may open 1 more; 1 thing could not be known." [level=1]',
        'navigation "On this page"',
        "main",
        'region "People 4"',
        'searchbox "Search"',
        'combobox "Effect"',
        'checkbox "Group by person" [checked]',
        "status: 7 rows about 4 people.",
        'table "Who gains or loses what"',
        'columnheader "Caused by"',
        'rowheader "cai"',
        'table "Access requests that Veza opens"',
        'img "Inheritance between 2 access profiles: arrows lead to what is inherited"',
        "contentinfo",
    ):
        assert each in heard, heard


@pytest.mark.parametrize("texts", [NASTY[::2], NASTY[1::2]], ids=["even", "odd"])
def test_what_somebody_wrote_does_nothing(open_: Open, texts: list[str]) -> None:
    shown = open_(hostile(some_change(), "".join(texts)))
    dialogs: list[str] = []
    shown.page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    shown.page.get_by_label("Search").fill("cai")
    expect(shown.status()).to_have_text("2 of 7 rows about 1 of 4 people.")
    shown.page.get_by_role("button", name="Person").first.click()
    assert shown.rows()[0][0].startswith("cai")
    assert dialogs == []
    assert shown.page.locator("script").count() == 2
    assert shown.page.locator("main :is(script, img, b, style)").count() == 0
