"""Open loops: what somebody was promised and has not had, and who has fallen silent.

Folded from the log, so that they are few rows to read however long the network has been at work.
"""
