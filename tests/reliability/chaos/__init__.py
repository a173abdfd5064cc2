"""Random programs under random faults, from a seed: in the end a refresh and an up bring all to what is wanted."""
