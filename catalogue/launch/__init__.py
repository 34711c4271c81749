"""Software × facility -> offer: whether it runs there, by which link, and why."""
