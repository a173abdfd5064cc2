"""The export of a tenant as a Pulumi project that a person would have written.

``selection``
    which types and profiles are exported;
``reading``, ``walk``, ``arguments``, ``emails``
    read them as the provider does, so that the program and ``import.json`` agree;
``objects``
    what was read, as plain values;
``names``
    names of resources, variables, modules and files: unique, and stable from one export to the next;
``layout``, ``references``, ``program``, ``python_code``
    the modules of the program, as ``ruff format`` leaves them;
``people``
    ``people.yaml`` and the lists of members;
``project``
    all files of an export;
``manifest``, ``folder``
    the folder that they are written to, and what an earlier export left there;
``exporting``, ``summary``
    the whole of it, and its report;
``verification``
    what a preview says after the import.
"""
