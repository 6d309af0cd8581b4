-- nvim-lspconfig finds this file by its name: require('lspconfig').slimstage.setup({}) works in Neovim 0.8 to 0.10.
local slimstage = require('slimstage')
local default_config = slimstage.config()
default_config.root_dir = slimstage.root_of
default_config.single_file_support = true
return { default_config = default_config }
