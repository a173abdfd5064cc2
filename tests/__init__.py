"""The tests, by subject: each folder says what belongs there, and ``CONTRIBUTING.md`` has the table of all of them."""
