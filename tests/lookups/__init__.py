"""Objects that exist already: lookup functions, ``.get()`` and ``pulumi import``."""
