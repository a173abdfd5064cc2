"""The impact of a change on people: who gains and who loses what, before anything is changed.

``building``
    builds the document from the resources of one or several previews, with ``profiles``, ``causes`` and ``obstacles``;
``document``
    the models of the document, the versioned JSON of every rendering, published as ``schema-v1.json``;
``digest``
    what of a document is approved, and its digest;
``stopping``
    the document of a change that could not be checked;
``rendering``
    terminal, Markdown, SARIF and workflow annotations, each from a document alone;
``failing``
    the conditions of ``--fail-on``.
"""
