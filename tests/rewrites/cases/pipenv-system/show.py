import cffi
import click

click.echo(f"{cffi.__version__} {cffi.FFI().sizeof('int')} {click.style('done', bold=True)!r}")
