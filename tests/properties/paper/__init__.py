"""The whole network on paper: the four services' own registries, without a database and without a bus.

What decides is real: handlers, commands, timers, aggregates, projections, the engine's `decide` and its
rules of parking, the envelope and its reading. What is on paper is what those stand on: states are dicts,
tables are what `Answers` makes of the events said and heard, and the bus is a handful of queues. Every
service hears what another said of one thing in order, and between things as chance (`Random`) has it.
"""
