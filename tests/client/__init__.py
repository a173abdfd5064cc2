"""The client of Veza's API: transport, retries, deadlines, models, filters, settings and errors."""
