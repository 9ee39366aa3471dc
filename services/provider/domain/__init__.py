"""What providers, activities, sessions and enrolments may become. Pure: no clock, no ids, no database."""
