"""The four kinds, one module each: ``Args``, ``State``, the kind, its ``Provider``, and the resource class."""
