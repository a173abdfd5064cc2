"""Reports: what all of them share, whatever they are about.

``words``
    counts and lists in words;
``glossary``
    what the words of reports mean;
``findings``
    one finding about one resource, and where the program declares it;
``sarif``, ``workflow`` and ``junit``
    the formats of findings that other programs read;
``documents``
    versioned JSON with a published schema;
``console``
    tables and colours for a terminal, as text;
``failing``
    the conditions of ``--fail-on``;
``markdown``
    sections of Markdown within a limit of bytes, and somebody else's text in it;
``options``
    the choices of a rendering;
``lazy``
    renderings whose packages take long to import.
"""
