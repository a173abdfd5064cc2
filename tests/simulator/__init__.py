"""The simulated tenant by itself: what it accepts, answers and refuses."""
