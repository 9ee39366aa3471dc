"""The story of one referral (or of anything else that is followed): everything about it, and why it waits."""
