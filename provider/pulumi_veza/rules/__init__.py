"""Decisions: pure functions from everything that is known to one value.

The provider applies a decision, and `impact` and the policies show it. No module here asks the network, knows Pulumi or
words a sentence, except `wording`, which turns a decision or a reason into one where it is shown.

``identity``
    which object, entitlement or member is which, and who owns what;
``members``
    whom a membership set adds, removes and leaves;
``removal_guard``
    how many members one change may remove, and how a larger change is confirmed;
``adoption``
    whether a create takes over what exists, creates or is refused, and for which differences;
``reasons``
    why something is unknown or uncertain;
``wording``
    reasons and decisions as sentences.
"""
