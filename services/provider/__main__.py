"""`python -m services.provider` runs the service with its pages."""

from __future__ import annotations

from services.provider.app import service
from services.provider.web import pages
from services.runtime.app import main

if __name__ == "__main__":
    main(service, web=pages)
