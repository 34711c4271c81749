"""Software × facility -> offer: whether it runs there, through which address, and why."""
