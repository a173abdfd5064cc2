"""What goes wrong in the middle: kills, chaos, concurrency, scale, leaks of secrets; and the catalogue of it all."""
