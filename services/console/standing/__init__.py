"""How everything stands: read from the record and the broker, judged, and said so that somebody can act."""
