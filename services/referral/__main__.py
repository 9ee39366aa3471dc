"""`python -m services.referral`"""

from __future__ import annotations

import sys

from services.referral.app import service
from services.referral.erasing import replay_the_ledger
from services.referral.ingress import tend_ingress
from services.referral.vault.safe import unlock_from
from services.referral.web import pages
from services.runtime.app import EXIT_REFUSED, main
from services.runtime.settings import MisconfiguredService, Settings, load_settings


def start() -> None:
    """Open the vault, or say what is missing; then run the service with its pages."""
    try:
        unlock_from(load_settings(service.name, Settings))
    except MisconfiguredService as refusal:
        print(refusal, file=sys.stderr)
        sys.exit(EXIT_REFUSED)
    main(service, background=[replay_the_ledger, tend_ingress], web=pages)


if __name__ == "__main__":
    start()
