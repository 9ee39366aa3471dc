"""What is done to real processes on purpose; in the end every referral has arrived and every invariant holds."""
