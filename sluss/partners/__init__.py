"""Who may talk to the broker: the operator's keys, one account per organisation, and what each may do."""
