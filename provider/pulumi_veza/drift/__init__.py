"""Drift: the program, the state and the tenant compared, without the engine's lock and without a write.

``reading``
    reads every resource of a state from the tenant, as a refresh does, and lists what the tenant has beside them;
``differences``, ``membership`` and ``unmanaged``
    the rows: what was changed by hand, who is a member by hand, what nothing manages, what is not deployed;
``coverage``
    how much of the tenant the stacks manage, by type;
``steps``
    the next step of each row;
``ignores``
    the exceptions, and a file of them to start from;
``building``
    puts these together;
``document``
    the models of the document, the versioned JSON of every rendering, published as ``schema-v1.json``;
``rendering``
    terminal, Markdown, SARIF, workflow annotations and JUnit, each from a document alone;
``failing``
    the conditions of ``--fail-on``.
"""
