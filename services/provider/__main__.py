"""`python -m services.provider` runs the service."""

from __future__ import annotations

from services.provider.app import service
from services.runtime.app import main

if __name__ == "__main__":
    main(service)
