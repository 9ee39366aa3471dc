"""Ten things that go wrong, made to happen on a demonstration network, to learn to see them and to end them.

Each is bounded, can be taken back, and touches nothing but the processes, files and loopback addresses of one
network that says of itself that it is a demonstration.
"""
