"""What the referral service decides, as pure functions: no clock, no ids, no storage."""
