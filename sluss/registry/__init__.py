"""The registry as files: who takes part, readable and checked."""
