"""The front door: command line, single-machine mode, the front that routes paths to services."""

__version__ = "0.1.0"
