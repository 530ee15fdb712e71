"""One module per thing liveproof does. Use cases know ports and the domain, never a cloud."""
