"""Filter expressions for the listings: the public name of `pulumi_veza.client.filters`."""

from __future__ import annotations

from pulumi_veza.client.filters import FIELDS, Field, Filter, and_, co, eq, or_

__all__ = ["FIELDS", "Field", "Filter", "and_", "co", "eq", "or_"]
