"""The examples, recipes, demo and documentation: every program runs as written, every table is current."""
