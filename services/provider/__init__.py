"""Providers, what they offer, and who takes part in it. Never more people than there are places."""
