"""What was registered, planned, done and reported of one trial: the accounts, their table and their dates."""
