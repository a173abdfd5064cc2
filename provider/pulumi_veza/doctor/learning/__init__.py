"""How a tenant answers what the documents of its API leave open, found by reads alone.

``reading``
    sends GET requests and keeps the JSON of the responses;
``seen``
    what was read;
``forms``, ``orders`` and ``content``
    questions, each a function from what was seen to an answer and how sure it is; ``answers`` writes them;
``catalogue``
    every question by name;
``behaviour``
    the file that is written.
"""
