"""Named statistical methods, each held to an independent reference result; one method family a file."""
