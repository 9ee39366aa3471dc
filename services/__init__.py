"""The services of the Sluss network."""
