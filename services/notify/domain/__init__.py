"""What follow-ups, deadlines, messages and feedback may become. Pure: no clock, no ids, no database."""
