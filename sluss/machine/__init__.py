"""Single-machine mode: a real Postgres, a real NATS server and every service as child processes."""
