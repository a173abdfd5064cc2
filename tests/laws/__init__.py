"""What holds for every kind, over generated arguments."""
