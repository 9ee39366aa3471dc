"""What operators ask of a running service about its dead letters, and how it is done and written down.

Asked by request-reply like a command, yet no command: nothing here is said by the network or decided by a
rule. It goes to the service because only the service can try its own handlers; and whatever is done is
written into `operator_action` in the transaction that does it.
"""
