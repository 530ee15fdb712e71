"""What the commands `liveproof webhook` read and print."""
