"""Plumbing the services share and partners never see. Knows nothing of referrals."""
