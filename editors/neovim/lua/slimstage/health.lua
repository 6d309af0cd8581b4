-- :checkhealth slimstage
local M = {}

function M.check()
  local health = vim.health
  local start, ok = health.start or health.report_start, health.ok or health.report_ok
  local warn, problem = health.warn or health.report_warn, health.error or health.report_error
  start('slimstage')
  if vim.fn.has('nvim-0.8') == 1 then ok('Neovim ' .. tostring(vim.version())) else problem('Neovim 0.8 or newer is needed') end
  local command = require('slimstage').config().cmd
  if vim.fn.executable(command[1]) == 0 then
    return problem(command[1] .. ' is not executable', { 'pip install slimstage, or set `cmd` in require("slimstage").setup' })
  end
  local version = vim.fn.system({ command[1], '--version' })
  if vim.v.shell_error == 0 then ok(vim.trim(version)) else warn(command[1] .. ' --version failed: ' .. vim.trim(version)) end
  local get = vim.lsp.get_clients or vim.lsp.get_active_clients
  local clients = get({ name = 'slimstage' })
  if #clients > 0 then
    ok(('running, positions in %s'):format(clients[1].offset_encoding))
  else
    ok('not running: open a Dockerfile')
  end
end

return M
