"""What is between Pulumi and the provider: protocol, resource options, unknown values, installer, language host."""
