"""The command `liveproof`, for operators and developers. Nothing of it is deployed.

program.py      all commands, and the exit status
family.py       which commands there are: the modules of `commands`
commands/       one module per command; a package is a command with sub-commands
command.py      what every command has in common: its options
deployments/    the deployment that --deployment names
output.py       tables and JSON lines
"""
