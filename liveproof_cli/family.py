"""Which commands there are: each module of a package is one, and each package a family of them.

`commands/list.py` is `liveproof list`, and `commands/keys/new.py` is `liveproof keys new`. A module
has a function `run`, made by `program.command`; the text of a family is its package's docstring.
So a new command is a new file.
"""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType

import click


class Family(click.Group):
    """The commands of a package. A module is imported when its command is needed.

    Args:
        package: holds the commands' modules.
    """

    def __init__(self, package: ModuleType, **attributes: object) -> None:
        super().__init__(help=package.__doc__, **attributes)  # type: ignore[arg-type]
        self._package = package

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(
            module.name.replace("_", "-") for module in pkgutil.iter_modules(self._package.__path__)
        )

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        name = cmd_name.replace("-", "_")
        module = importlib.import_module(f"{self._package.__name__}.{name}")
        if hasattr(module, "__path__"):
            return Family(module, name=cmd_name)
        command = module.run
        if not isinstance(command, click.Command):
            raise TypeError(f"{module.__name__}.run is no command")
        command.name = cmd_name
        return command
