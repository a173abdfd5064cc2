"""Policies: what must not happen to access, as plain functions over plain data.

``catalogue``
    every rule with its options, defaults and level; the functions are in the modules that it names;
``stack``
    what a rule looks at: typed views of the resources, and the organisation before and after;
``findings``
    the result of a rule;
``exceptions``
    the file that allows what a rule forbids, until a date;
``settings`` and ``checking``
    the rules' configuration, and running them over a stack without the engine;
``rendering``
    the report of such a run;
``engine`` and ``from_engine``
    the rules as policies of the engine, and a stack as the engine shows it to them; these two need ``pulumi-policy``;
``pack``
    the folder that ``pulumi preview --policy-pack`` takes: it only assembles.
"""

from __future__ import annotations

from pulumi_veza.policies.catalogue import RULES
from pulumi_veza.policies.findings import Finding, Outcome
from pulumi_veza.policies.rule import Level, Options, Rule
from pulumi_veza.policies.stack import Resource, Stack

__all__ = ["RULES", "Finding", "Level", "Options", "Outcome", "Resource", "Rule", "Stack"]
