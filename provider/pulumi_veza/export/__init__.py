"""The export of a tenant as a Pulumi project that a person would have written.

``selection``
    which types and profiles are exported;
``walk``
    reads them as the provider does, so that the program and ``import.json`` agree;
``names``
    names of resources, variables, modules and files: unique, and stable from one export to the next;
``python_code``
    Python source as ``ruff format`` leaves it;
``program``
    the modules of the program;
``people``
    ``people.yaml`` and the lists of members;
``project``
    all files of an export;
``folder``
    the folder that they are written to, and what an earlier export left there;
``verification``
    what a preview says after the import.
"""
