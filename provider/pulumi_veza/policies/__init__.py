"""Policies: rules on access, as pure functions from a stack to findings.

``catalogue``
    every rule with its options, defaults and level; the functions are in the modules that it names;
``stack``
    the input of a rule: typed views of the resources, and the organisation before and after;
``findings`` and ``grouping``
    the result of a rule, and results of one kind as one;
``exceptions``
    the file of exceptions, each of which allows violations of a rule until a date;
``settings`` and ``checking``
    the rules' configuration, and a run over a stack without the engine;
``rendering``
    the reports of such a run;
``engine`` and ``from_engine``
    the rules as policies of the engine, and a stack from what the engine passes to them; ``engine`` needs
    ``pulumi-policy``;
``pack``
    the folder for ``pulumi preview --policy-pack``.
"""

from __future__ import annotations

from pulumi_veza.policies.catalogue import RULES
from pulumi_veza.policies.findings import Finding, Outcome
from pulumi_veza.policies.rule import Level, Options, Rule
from pulumi_veza.policies.stack import Resource, Stack

__all__ = ["RULES", "Finding", "Level", "Options", "Outcome", "Resource", "Rule", "Stack"]
