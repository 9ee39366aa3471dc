"""The delivery engine: in order, at least once on the bus, exactly once in effect.

One transaction holds what was read, what it did and what is said about it (`unit`); an owner per slot does
so batch by batch (`owner`), publishes afterwards in order (`publishing`), sets aside what cannot be handled
(`parking`) and rebuilds the bus from the event tables when it has lost something (`recovery`, `watchdog`).
"""
