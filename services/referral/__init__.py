"""The referral service: partners' submissions, organisations, consent, and the vault of personal data."""
