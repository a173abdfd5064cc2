"""One field of a resource: its type, check, diff, what is sent of it, and input that nobody would write."""
