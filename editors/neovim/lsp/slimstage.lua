-- Neovim 0.11+ reads this file for vim.lsp.enable('slimstage').
return require('slimstage').config()
