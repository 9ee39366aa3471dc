"""What the navigator decides: pure functions of what is and what is asked. No clock, no ids, no I/O."""
