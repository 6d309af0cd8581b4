-- Commands; the server itself starts with require('slimstage').setup() or vim.lsp.enable('slimstage').
if vim.g.loaded_slimstage then return end
vim.g.loaded_slimstage = true

vim.api.nvim_create_user_command('SlimstageConvert', function(call)
  local convert = require('slimstage.convert')
  local buffer = vim.api.nvim_get_current_buf()
  if call.bang then convert.apply(buffer) else convert.preview(buffer) end
end, { bang = true, desc = 'Show (with !: apply) the verified multi-stage conversion of this Dockerfile' })

vim.api.nvim_create_user_command('SlimstageFixAll', function()
  vim.lsp.buf.code_action({
    context = { only = { 'source.fixAll.slimstage' }, diagnostics = {} },
    apply = true,
  })
end, { desc = 'Apply all safe fixes of slimstage' })
