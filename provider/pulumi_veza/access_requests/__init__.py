"""The access requests that a stack's last changes opened, and what became of them.

``outcomes``
    judges a request by the names of its state and of its plans' states;
``document``
    the models of the document, the versioned JSON of ``pulumi-veza requests``;
``following``
    finds the requests in a stack's resources, asks the tenant, and waits;
``rendering``
    terminal and JSON, each from a document alone.
"""
