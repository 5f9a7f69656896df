"""Numbers about reports' work: read from files, and told as an aid to a conversation."""
