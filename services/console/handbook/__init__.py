"""The operators' handbook, which is `docs/operators`: read where the trouble is seen, in the console and at
the command line."""
