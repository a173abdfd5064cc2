"""Effective access: who has which entitlement, by which path, and what a change does to it.

Pure and without Pulumi or the network. The impact report, the policies and the graph all stand on it:

``organisation``
    profiles, types and members as plain data, whatever they were read from;
``effective``
    who has what in one organisation;
``changes``
    what differs between two of them, as rows that a person can decide on;
``resources``
    an organisation from Pulumi's resources: a state, a preview, or what a policy pack sees;
``reading``
    resources from what the engine writes: a preview in JSON, or an exported state;
``tenant``
    an organisation from what a tenant holds.
"""
