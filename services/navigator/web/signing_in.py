"""How people sign in: the sign-in service of the settings, and who is on the navigator's list."""

from __future__ import annotations

from services.navigator.accounts import Accounts
from services.runtime.running import Running
from services.runtime.web import secret_for_pages
from services.runtime.web.oidc import OidcSettings, OidcSignIn
from services.runtime.web.signing_in import SignIn


def sign_in_of(running: Running) -> SignIn | None:
    """The sign-in service that the settings name, if they do; they name it whole or not at all."""
    said = running.settings
    issuer, client, address = (
        said.navigator_oidc_issuer,
        said.navigator_oidc_client_id,
        said.navigator_oidc_address,
    )
    if issuer is None or client is None or address is None or said.navigator_oidc_client_secret is None:
        return None
    named = OidcSettings(
        issuer, client, said.navigator_oidc_client_secret, address, said.navigator_oidc_trust_email
    )
    return SignIn(OidcSignIn(named, secret_for_pages(said).encode()), Accounts(running.pool).of)
