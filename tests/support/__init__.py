"""What the tests share: ports in memory, a check that follows a script, a whole deployment."""
