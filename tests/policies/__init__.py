"""The policy rules, their exceptions, and the pack on the engine."""
