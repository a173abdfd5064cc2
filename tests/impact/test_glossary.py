"""The glossary: it has every word of the renderings, each in two sentences, and every rendering leads to it."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree as ET

import pytest
from typer.testing import CliRunner

from pulumi_veza.access.comparison import Effect
from pulumi_veza.cli import exits
from pulumi_veza.cli.commands import application
from pulumi_veza.impact import building
from pulumi_veza.impact.rendering import FORMATS
from pulumi_veza.impact.rendering.counting import counts
from pulumi_veza.impact.rendering.effects import STYLES
from pulumi_veza.impact.rendering.headline import headline
from pulumi_veza.reports import glossary, junit
from pulumi_veza.reports.options import RenderOptions
from tests.impact.stacks import of_type
from tests.impact.test_renderings import some_change
from tests.impact.test_reports import RULE


@pytest.mark.parametrize("term", glossary.TERMS, ids=lambda term: term.word)
def test_each_word_is_explained_in_two_sentences(term: glossary.Term) -> None:
    sentences = re.split(r"(?<=\.) ", term.meaning)
    assert len(sentences) == 2
    assert all(each[0].isupper() or each[0] == "`" for each in sentences)
    assert term.meaning.endswith(".")


def test_each_effect_has_a_word_of_its_own() -> None:
    words = [STYLES[effect].term for effect in Effect]
    assert len(set(words)) == len(Effect)
    assert set(words) <= set(glossary.TERMS)
    assert len({each.word for each in glossary.TERMS}) == len(glossary.TERMS)


def test_every_noun_of_the_headline_and_of_the_counts_is_in_it() -> None:
    document = some_change()
    said = " ".join([headline(document), *(each.title for each in counts(document))])
    used = {each.word for each in glossary.used_in(said)}
    assert {"Access request", "Provision", "Removal", "Guard", "Conflict"} & used


@pytest.mark.parametrize("name", ["terminal", "sarif", "annotations"])
def test_a_rendering_without_room_for_the_glossary_names_its_command(name: str) -> None:
    assert glossary.COMMAND in FORMATS[name](some_change(), RenderOptions())


@pytest.mark.parametrize("name", ["markdown", "markdown-plain"])
def test_a_comment_explains_the_words_that_it_uses_and_no_others(name: str) -> None:
    text = FORMATS[name](some_change(), RenderOptions())
    head, _, words = text.partition("What the words mean")
    shown = re.findall(r"^- \*\*(.+?)\*\*: ", words, re.MULTILINE)
    assert {"Lost", "Gained", "Access request", "Tenant"} & set(shown) >= {"Lost", "Gained", "Access request"}
    assert shown == [each.word for each in glossary.used_in(head)]
    assert "Rehearsal" not in shown


def test_a_comment_without_room_for_the_words_names_the_command() -> None:
    text = FORMATS["markdown"](some_change(), RenderOptions(budget=2_000))
    assert f"`{glossary.COMMAND}` lists them all" in text


def test_the_page_has_every_word() -> None:
    text = FORMATS["html"](some_change(), RenderOptions())
    for term in glossary.TERMS:
        assert f"<dt>{term.word.replace('`', '')}</dt>" in text


@pytest.mark.parametrize("name", ["terminal", "markdown", "annotations"])
def test_nothing_is_explained_where_nothing_changes(name: str) -> None:
    assert "glossary" not in FORMATS[name](building.build([of_type()]), RenderOptions())


def test_the_reports_of_other_programs_lead_to_it_too() -> None:
    rules = json.loads(FORMATS["sarif"](some_change(), RenderOptions()))["runs"][0]["tool"]["driver"]["rules"]
    assert all(rule["help"]["text"].endswith(glossary.POINTER) for rule in rules)
    suite = ET.fromstring(junit.render("suite", [RULE], [], RenderOptions(), "nothing"))[0]  # noqa: S314 - our own
    assert suite.findtext("system-out") == f"nothing. {glossary.POINTER}"


def test_the_command_prints_one_word_or_all() -> None:
    everything = CliRunner().invoke(application, ["glossary"])
    assert everything.exit_code == 0
    assert all(f"{term.word}\n  " in everything.stdout for term in glossary.TERMS)
    assert CliRunner().invoke(application, ["glossary", "no such word"]).exit_code == exits.USAGE
    adopted = CliRunner().invoke(application, ["glossary", "adopt"])
    assert adopted.stdout.startswith("Taken over\n  A profile that exists in Veza already becomes")
