"""The modules of the provider, one by one."""
