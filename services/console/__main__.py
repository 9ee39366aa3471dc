"""`python -m services.console` runs the console: it keeps its log up to date and serves the operators'
pages."""

from __future__ import annotations

from services.console.app import service
from services.console.log.gathering import gather
from services.console.loops.folding import follow_loops
from services.console.web.site import pages
from services.runtime.app import main

if __name__ == "__main__":
    main(service, background=[gather, follow_loops], web=pages)
