"""What is on offer, by errand. `sluss/commands/activity.py`, `provider.py` and `resource.py` collect it."""
