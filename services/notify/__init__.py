"""What is due, who is told, and what may not stay silent: follow-ups, deadlines, messages, feedback."""
