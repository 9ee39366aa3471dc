"""`python -m services.navigator` runs the service with its pages."""

from __future__ import annotations

from services.navigator.app import service
from services.navigator.web.site import pages
from services.runtime.app import main

if __name__ == "__main__":
    main(service, web=pages)
