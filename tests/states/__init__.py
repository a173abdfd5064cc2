"""States of past releases, which every later one must still take for what they are.

A folder per release holds a program with a resource of every kind (``__main__.py``), what the tenant held before it
(``tenant.json``, the simulator's seed), and the state that the release left behind (``state.json``). Before a release,
``python -m tests.states.record VERSION`` records one for a folder with the first two.
"""
