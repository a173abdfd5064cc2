"""Types, profiles and versions from create to destroy: updates, drift, quirks of the API, what a run caches."""
