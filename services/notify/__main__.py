"""`python -m services.notify` runs the service with its pages."""

from __future__ import annotations

from services.notify.app import carry_feedback, carry_messages, carry_notices, service, watch_fetching
from services.notify.web import pages
from services.runtime.app import main

if __name__ == "__main__":
    main(service, background=[carry_messages, carry_notices, carry_feedback, watch_fetching], web=pages)
