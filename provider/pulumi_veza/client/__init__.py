"""The API, usable alone."""
