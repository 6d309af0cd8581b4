-- slimstage for Neovim: the client configuration, and what the commands do.
local M = {}

M.filetypes = { 'dockerfile' }
M.root_markers = { '.dockerignore', 'compose.yaml', 'compose.yml', 'docker-compose.yml', '.git' }

--- What `vim.lsp.config` (0.11+) or `vim.lsp.start` (0.8 to 0.10) needs.
--- `options.cmd` is the server's command, `options.settings` the `slimstage` settings (see the README).
function M.config(options)
  options = vim.tbl_extend('force', M.options or {}, options or {})
  return {
    name = 'slimstage',
    cmd = options.cmd or { 'slimstage', 'lsp' },
    filetypes = M.filetypes,
    root_markers = M.root_markers,
    init_options = vim.empty_dict(),
    settings = { slimstage = options.settings or vim.empty_dict() },
    -- The settings at the very start, whoever added to them: not every Neovim is asked for them in time.
    before_init = function(params, config)
      params.initializationOptions = config.settings.slimstage
      params.locale = params.locale or (vim.v.lang or 'en'):match('^%a+')
    end,
    on_attach = function(_, buffer)
      M.attached(buffer)
    end,
  }
end

--- The project's folder: the nearest above the file with a marker, else the file's own.
function M.root_of(file)
  local folder = file ~= '' and vim.fs.dirname(file) or vim.fn.getcwd()
  local markers = vim.fs.find(M.root_markers, { path = folder, upward = true })
  return markers[1] and vim.fs.dirname(markers[1]) or folder
end

--- Start the server for every Dockerfile. `options`: cmd, settings, inlay_hints (true), code_lens (true).
function M.setup(options)
  M.options = options or {}
  if vim.lsp.config and vim.lsp.enable then
    vim.lsp.config('slimstage', M.config())
    vim.lsp.enable('slimstage')
    return
  end
  vim.api.nvim_create_autocmd('FileType', {
    group = vim.api.nvim_create_augroup('slimstage', { clear = true }),
    pattern = M.filetypes,
    callback = function(event)
      local config = M.config()
      config.root_dir = M.root_of(vim.api.nvim_buf_get_name(event.buf))
      vim.lsp.start(config, { bufnr = event.buf })
    end,
  })
end

--- Inlay hints and code lenses, as far as this Neovim has them.
function M.attached(buffer)
  local options = M.options or {}
  if options.inlay_hints ~= false and vim.lsp.inlay_hint and vim.lsp.inlay_hint.enable then
    pcall(vim.lsp.inlay_hint.enable, true, { bufnr = buffer })
  end
  if options.code_lens ~= false and vim.lsp.codelens then
    if vim.lsp.codelens.enable then
      pcall(vim.lsp.codelens.enable, true, { bufnr = buffer })
    else
      vim.api.nvim_create_autocmd({ 'BufEnter', 'InsertLeave', 'BufWritePost' }, {
        buffer = buffer,
        callback = function() pcall(vim.lsp.codelens.refresh, { bufnr = buffer }) end,
      })
      pcall(vim.lsp.codelens.refresh, { bufnr = buffer })
    end
  end
end

--- The slimstage client of a buffer, or nil.
function M.client(buffer)
  local get = vim.lsp.get_clients or vim.lsp.get_active_clients
  return get({ bufnr = buffer, name = 'slimstage' })[1]
end

--- Ask the server; `callback(result)` runs when it answered.
function M.request(client, method, params, buffer, callback)
  local handler = function(err, result)
    if err then
      vim.notify('slimstage: ' .. (err.message or vim.inspect(err)), vim.log.levels.ERROR)
    else
      callback(result)
    end
  end
  if vim.fn.has('nvim-0.11') == 1 then
    client:request(method, params, handler, buffer)
  else
    client.request(method, params, handler, buffer)
  end
end

return M
