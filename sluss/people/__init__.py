"""Simulated people, who use the network through the same doors as real ones."""
