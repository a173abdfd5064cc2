"""A twin: what the API shows of a tenant as one JSON document, which the simulator serves.

``reading``
    reads the tenant, with reading calls alone;
``document``
    writes what was read in the format of the simulator's seed, and reads such a file;
``anonymising``
    replaces people and names in such a document.

The format is known by its published schema alone: nothing here imports the simulator.
"""
