"""An offline Veza tenant: the documented Access Profiles API over HTTP, with switches for every documented quirk.

It is transcribed from the API's documents and imports nothing of the provider, so that a misreading in the one
is not repeated in the other. Start it with ``veza-simulator`` or ``pulumi-veza simulate``.
"""
