"""From one function to the next, and the time of a request."""
