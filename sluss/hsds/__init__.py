"""Open Referral HSDS files: brought into a running network, and written out of it."""
