"""A create that finds its object already there: adopted, overwritten, refused, or found again after a lost answer."""
