"""The documents that you put into the deployment's secrets."""
