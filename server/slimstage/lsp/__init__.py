"""The Language Server Protocol's edge."""

import slimstage.lsp.protocol_types  # noqa: F401 - before any module of this room imports lsprotocol
