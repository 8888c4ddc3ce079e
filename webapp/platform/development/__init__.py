"""What a machine with nothing installed runs on: its own servers, an inbox, and who minds them."""
