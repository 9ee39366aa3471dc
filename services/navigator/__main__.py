"""`python -m services.navigator` runs the service with its pages."""

from __future__ import annotations

from fastapi import FastAPI

from services.navigator.app import service
from services.navigator.web import navigator_web
from services.runtime.app import main
from services.runtime.running import Running
from services.runtime.settings import MisconfiguredService


class Pages:
    """The pages of a running navigator, and their end: whoever watches the board is let go at a stop."""

    def __init__(self) -> None:
        self._app: FastAPI | None = None

    def open(self, running: Running) -> FastAPI:
        """Make the pages. Raises `MisconfiguredService` without the secret that signs forms."""
        secret = running.settings.web_secret
        if secret is None:
            raise MisconfiguredService(f"{service.name} cannot start: SLUSS_WEB_SECRET is missing")
        self._app = navigator_web(
            running.pool,
            secret=secret.get_secret_value(),
            demo=running.settings.demo,
            now=running.clock.now,
            speed=running.settings.clock_speed,
        )
        return self._app

    async def close(self, running: Running) -> None:
        """Wait for the stop, then end the live board's open streams."""
        await running.stop.wait()
        if self._app is not None:
            self._app.state.live_board.close()


if __name__ == "__main__":
    pages = Pages()
    main(service, background=[pages.close], web=pages.open)
