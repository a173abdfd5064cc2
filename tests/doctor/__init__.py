"""The doctor's checks, and what it learns of a tenant."""
