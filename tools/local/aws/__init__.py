"""The local AWS: MiniStack, osls, and what they deploy."""
