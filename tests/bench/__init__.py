"""The measurement of what the provider costs: that the comparison is fair, and that it runs."""
