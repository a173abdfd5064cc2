"""The package as a whole: its layers, its names, and what it takes from other packages."""
