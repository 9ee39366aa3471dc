"""Pathways as files: reading them with errors that name file, line and remedy, and publishing them."""
