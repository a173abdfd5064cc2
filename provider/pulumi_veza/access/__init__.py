"""Effective access: who has which entitlement, by which path, and how a change affects it.

The basis of the impact report, the policies and the graph; pure, except for `tenant`, which uses the client:

``organisation``
    profiles, types and members as plain data, whatever they were read from;
``effective``
    the effective access in one organisation;
``comparison``
    the differences of the effective access in two organisations;
``tenant``
    the organisation in a tenant.
"""
