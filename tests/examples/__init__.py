"""The examples, the demo and the documentation: what a newcomer runs first."""
