"""The navigator's own tables: what it looks up before deciding, and what its pages show.

Written in the transactions that say or hear the events they follow from (`services.navigator.projections`),
never by pages. All of it can be made anew from the events.
"""
