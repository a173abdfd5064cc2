"""The way to the tenant: one connection pool, authentication, retries, and every failure as one of our errors.

`sending` holds the pool and the retry policy, `expiring` ends an attempt in time, `explaining` turns failures into
errors that say what to do. No exception of the HTTP library ever leaves this package, for those carry the request with
its headers.
"""

from pulumi_veza.client.transport.transport import MAX_RESPONSE_BYTES, MAX_RETRY_AFTER, Transport

__all__ = ["MAX_RESPONSE_BYTES", "MAX_RETRY_AFTER", "Transport"]
