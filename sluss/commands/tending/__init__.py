"""What operators do about dead letters, in files by what they are for."""
