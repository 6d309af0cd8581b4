"""Shell scripts of RUN, CMD and their kin: simple commands with exact spans."""

from slimstage.shell.nodes import Redirect, Script, ShellProblem, ShellWord, SimpleCommand
from slimstage.shell.reader import read_script

__all__ = ["Redirect", "Script", "ShellProblem", "ShellWord", "SimpleCommand", "read_script"]
