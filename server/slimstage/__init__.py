"""slimstage: the Dockerfile language server that shows what every line weighs and slims it by stages."""

__version__ = "0.1.0"
