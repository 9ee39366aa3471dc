"""The compatibility gate: what was published within a major version may grow, and never break anybody.

Judges JSON Schemas alone and imports nothing of the contracts, so that a mistake in the code that makes the
schemas cannot also blind what judges them.
"""
