"""The lifecycles and who may do what, drawn from the code that decides: see `python -m sluss.lifecycles`."""
