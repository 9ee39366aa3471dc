"""The registry as files: organisations, teams, link workers, providers and activities, readable and checked."""
