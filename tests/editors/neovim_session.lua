-- Driven by test_neovim.py: a session of a user with the shipped plugin; prints one line of JSON.
-- Environment: FILE, SERVER (JSON list), STYLE (enable|setup), SLIMSTAGE_LANG, PLUGIN (the plugin's folder).
local out = { version = tostring(vim.version()) }
local function finish(code)
  io.stdout:write(vim.json.encode(out) .. '\n')
  io.stdout:flush()
  vim.cmd(code == 0 and 'qall!' or 'cquit! ' .. code)
end

local ok, err = xpcall(function()
  vim.opt.runtimepath:append(vim.env.PLUGIN)
  vim.cmd('filetype on')
  vim.cmd('runtime plugin/slimstage.lua')
  local options = { cmd = vim.json.decode(vim.env.SERVER), settings = { lang = vim.env.SLIMSTAGE_LANG } }
  local slimstage = require('slimstage')
  if vim.env.STYLE == 'enable' then
    slimstage.options = options
    vim.lsp.enable('slimstage')
  else
    slimstage.setup(options)
  end
  vim.cmd.edit(vim.env.FILE)
  local buffer = vim.api.nvim_get_current_buf()
  local function wait(what, test)
    assert(vim.wait(1000 * tonumber(vim.env.PATIENCE or '20'), test, 20), 'timed out: ' .. what)
  end
  local client
  wait('attach', function() client = slimstage.client(buffer); return client and client.initialized end)
  out.encoding = client.offset_encoding
  wait('diagnostics', function() return #vim.diagnostic.get(buffer) > 0 end)
  local function diagnostics()
    return vim.tbl_map(function(d)
      local line = vim.api.nvim_buf_get_lines(buffer, d.lnum, d.lnum + 1, false)[1] or ''
      return { line = d.lnum, code = d.code, message = d.message, text = d.end_lnum == d.lnum and line:sub(d.col + 1, d.end_col) or '' }
    end, vim.diagnostic.get(buffer))
  end
  out.diagnostics = diagnostics()

  local function hover(line, needle)
    local text = vim.api.nvim_buf_get_lines(buffer, line, line + 1, false)[1]
    vim.api.nvim_win_set_cursor(0, { line + 1, text:find(needle, 1, true) - 1 })
    vim.lsp.buf.hover()
    local float
    wait('hover', function()
      for _, window in ipairs(vim.api.nvim_list_wins()) do
        if vim.api.nvim_win_get_config(window).relative ~= '' then float = window; return true end
      end
    end)
    local lines = vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(float), 0, -1, false)
    vim.api.nvim_win_close(float, true)
    return table.concat(lines, '\n')
  end
  out.hover_package = hover(3, 'libpq-dev')
  out.hover_variable = hover(4, 'UNDEFINED_THING')

  -- Completion through the editor's own omnifunc, typed by keys.
  local line = 10
  vim.api.nvim_buf_set_lines(buffer, line, line + 1, false, { 'COPY --from= /install /usr/local' })
  vim.api.nvim_win_set_cursor(0, { line + 1, 12 })
  local answer
  slimstage.request(client, 'textDocument/completion', {
    textDocument = vim.lsp.util.make_text_document_params(buffer), position = { line = line, character = 12 },
  }, buffer, function(result) answer = result or {} end)
  wait('completion', function() return answer ~= nil end)
  out.completion = vim.tbl_map(function(item) return item.label end, answer.items or answer)
  vim.api.nvim_buf_set_lines(buffer, line, line + 1, false, { 'COPY --from=biuld /install /usr/local' })

  -- The did-you-mean fix, chosen as a user chooses it.
  wait('finding back', function()
    for _, d in ipairs(vim.diagnostic.get(buffer)) do if d.code == 'unknown-stage' then return true end end
  end)
  vim.api.nvim_win_set_cursor(0, { line + 1, 14 })
  vim.lsp.buf.code_action({
    apply = true,
    filter = function(action) return action.kind == 'quickfix' and action.edit and vim.json.encode(action.edit):find('"build"') ~= nil end,
  })
  wait('fix', function() return vim.api.nvim_buf_get_lines(buffer, line, line + 1, false)[1]:find('--from=build ', 1, true) ~= nil end)
  wait('finding gone', function()
    for _, d in ipairs(vim.diagnostic.get(buffer)) do if d.code == 'unknown-stage' then return false end end
    return true
  end)
  out.after = diagnostics()
  out.fixed = vim.api.nvim_buf_get_lines(buffer, line, line + 1, false)[1]

  if vim.env.CONVERT then
    vim.cmd.edit(vim.env.CONVERT)
    local other = vim.api.nvim_get_current_buf()
    wait('second attach', function() return slimstage.client(other) and #vim.diagnostic.get(other) > 0 end)
    vim.cmd('SlimstageConvert')
    wait('preview', function() return vim.api.nvim_buf_get_name(0):find('(slimstage)', 1, true) ~= nil and vim.wo.diff end)
    out.preview = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n')
    vim.cmd('write')
    out.converted = table.concat(vim.api.nvim_buf_get_lines(other, 0, -1, false), '\n')
  end
  vim.cmd('checkhealth slimstage')
  out.health = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n')
  if vim.fn.has('nvim-0.11') == 1 then client:stop() else client.stop() end
  out.stopped = vim.wait(8000, function()
    if vim.fn.has('nvim-0.11') == 1 then return client:is_stopped() end
    return client.is_stopped()
  end, 20)
end, debug.traceback)
if not ok then out.error = err end
finish(ok and 0 or 1)
