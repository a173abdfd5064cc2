"""A rehearsal: a change is made on a twin of the tenant, and what it did is compared with what was predicted.

``isolation``
    leads a state and a configuration from the tenant to its twin, and refuses those that lead elsewhere;
``server``
    the simulator that plays the twin, as a process;
``engine_output``
    what the engine refused, failed on and did, from its JSON;
``comparison``
    holds what happened against what was predicted.
"""
