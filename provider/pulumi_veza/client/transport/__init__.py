"""HTTP to one tenant: a connection pool, authentication, retries, and every failure as an error of this package.

`transport` holds the retry policy, `connections` the pool and `pacing` the pace of all threads together. `deadline`
bounds an attempt, `messages` makes the errors, `logs` keeps the API key out of logs and `httpx_private` holds what
httpx does not document. No exception of the HTTP library leaves this package: those carry the request with its headers.
"""

# First, as it imports httpx in its own way.
import pulumi_veza.client.transport.httpx_private  # noqa: F401
from pulumi_veza.client.transport.transport import MAX_RESPONSE_BYTES, MAX_RETRY_AFTER, Transport

__all__ = ["MAX_RESPONSE_BYTES", "MAX_RETRY_AFTER", "Transport"]
