"""What past releases wrote into their states: recorded, and never taken for a change."""
