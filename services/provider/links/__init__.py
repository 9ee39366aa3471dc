"""Signed links by which a provider answers without an account: an offer, who came, whether it is right."""
