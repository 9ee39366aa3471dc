"""What must hold whatever happened, as queries over the services' tables: each returns its violations.

`docs/architecture/invariants.md` says what each is for. None of them changes anything. Those about other
moments than rest (I5, I6, I10) are to be asked when the network has had a minute to settle.
"""
