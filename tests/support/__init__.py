"""What tests of several subjects share: the tenant, stacks, plugins, fixtures, generated programs."""
