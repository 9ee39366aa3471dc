"""The steps of `sluss case`, by noun. `sluss/commands/case.py` collects them."""
