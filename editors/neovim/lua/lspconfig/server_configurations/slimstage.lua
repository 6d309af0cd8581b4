-- Where nvim-lspconfig looked before 2025.
return require('lspconfig.configs.slimstage')
