"""Decisions: pure functions from everything that is known to one value.

The provider applies a decision; `impact` and the policies show it. No module here uses the network or Pulumi, and only
`wording` formats decisions and reasons as sentences.

``identity``
    the identity of objects, entitlements and members, and the ownership of content and members;
``members``
    the members that a membership set adds, removes and leaves;
``removal_guard``
    how many members one change may remove, and how a larger change is confirmed;
``adoption``
    whether a create adopts an existing object, creates one or is refused, and for which differences;
``kept``
    what the tenant keeps otherwise than it was sent, and which live value is therefore no drift;
``reasons``
    the reasons why something is unknown, uncertain or inactive;
``wording``
    reasons and decisions as sentences.
"""
