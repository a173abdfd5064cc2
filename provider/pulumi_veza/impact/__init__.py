"""What a change does to people: who gains and who loses what, before anything is done.

``building``
    the document from the resources of one or several previews;
``document``
    its models: the versioned JSON that every rendering starts from, published as ``schema-v1.json``;
``rendering``
    terminal, Markdown, SARIF and workflow annotations, each from a document alone;
``failing``
    the conditions of ``--fail-on``.
"""
