"""A client of the Access Profiles API, usable alone: it imports nothing of Pulumi.

`client` has one method for each endpoint, `models` what they return, `filters` the expressions that the listings take,
`settings` what a client is configured with, and `transport` the HTTP below it. Nothing is imported here: programs that
declare resources must not load httpx and pydantic.
"""
