"""What is done to real processes on purpose; in the end all referrals arrived and all invariants hold."""
