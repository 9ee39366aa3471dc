"""The log: every event of every service, in one order, without what is masked."""
