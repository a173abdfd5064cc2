"""The model of effective access, by itself."""
