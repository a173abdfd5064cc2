"""The fields of resources: each declared once; its check, comparison, conversion and documentation are derived.

`schema` reads the declarations, `field_types` has the types of values, `protocol` finds what Pulumi cannot carry, and
`secrets` redacts what no message may contain.
"""
