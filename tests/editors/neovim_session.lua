-- Driven by test_neovim.py: a session of a user whose init.lua has started the plugin; prints one line of JSON.
-- Environment: FILE, CONVERT (another Dockerfile), PATIENCE.
local out = { version = tostring(vim.version()) }
local function finish(code)
  io.stdout:write(vim.json.encode(out) .. '\n')
  io.stdout:flush()
  vim.cmd(code == 0 and 'qall!' or 'cquit! ' .. code)
end

local ok, err = xpcall(function()
  vim.cmd.edit(vim.env.FILE)
  local slimstage = require('slimstage')
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

  wait('inlay hints', function()
    return vim.lsp.inlay_hint.is_enabled({ bufnr = buffer }) and #vim.lsp.inlay_hint.get({ bufnr = buffer }) > 0
  end)
  out.inlay = vim.tbl_map(function(hint)
    local label = hint.inlay_hint.label
    return type(label) == 'string' and label or label[1].value
  end, vim.lsp.inlay_hint.get({ bufnr = buffer }))

  out.hover_package = hover(3, 'libpq-dev')
  out.hover_variable = hover(4, 'UNDEFINED_THING')

  -- Completion as the client gets it; the test of the screen types it.
  local line = 10
  vim.api.nvim_buf_set_lines(buffer, line, line + 1, false, { 'COPY --from= /install /usr/local' })
  vim.api.nvim_win_set_cursor(0, { line + 1, 12 })
  local answer
  slimstage.request(client, 'textDocument/completion', {
    textDocument = vim.lsp.util.make_text_document_params(buffer), position = { line = line, character = 12 },
  }, buffer, function(result) answer = result or {} end)
  wait('completion', function() return answer and #(answer.items or answer) > 0 end)
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

  local function text_of(number) return table.concat(vim.api.nvim_buf_get_lines(number, 0, -1, false), '\n') end
  vim.cmd.edit(vim.env.CONVERT)
  local other = vim.api.nvim_get_current_buf()
  local original = text_of(other)
  wait('second attach', function() return slimstage.client(other) and #vim.diagnostic.get(other) > 0 end)
  vim.cmd('SlimstageConvert')
  wait('preview', function() return vim.api.nvim_buf_get_name(0):find('(slimstage)', 1, true) ~= nil and vim.wo.diff end)
  local preview = vim.api.nvim_get_current_buf()
  out.preview = text_of(preview)
  out.preview_syntax = vim.bo[preview].syntax
  out.beside = vim.tbl_map(function(window)
    return { text = text_of(vim.api.nvim_win_get_buf(window)), diff = vim.wo[window].diff }
  end, vim.api.nvim_tabpage_list_wins(0))
  out.untouched = text_of(other) == original
  vim.cmd('write')
  out.converted = text_of(other)
  vim.cmd('tabclose')
  vim.api.nvim_buf_set_lines(other, 0, -1, false, vim.split(original, '\n'))
  vim.api.nvim_set_current_buf(other)
  vim.cmd('SlimstageConvert!')
  wait('conversion at once', function() return text_of(other) == out.converted end)

  vim.cmd.edit(vim.env.FILE)
  vim.cmd('SlimstageFixAll')
  wait('all fixes', function() return text_of(buffer):find('LABEL org.opencontainers.image.authors', 1, true) ~= nil end)

  -- The help is found by its tags, and the snippets' file expands as it stands.
  out.help = {}
  for _, tag in ipairs({ 'slimstage', 'slimstage.txt', ':SlimstageConvert', ':SlimstageFixAll' }) do
    vim.cmd('help ' .. tag)
    out.help[tag] = { file = vim.fs.basename(vim.api.nvim_buf_get_name(0)), line = vim.api.nvim_get_current_line() }
    vim.cmd('helpclose')
  end
  out.snippets = {}
  local file = vim.api.nvim_get_runtime_file('snippets/dockerfile.json', false)[1]
  for name, snippet in pairs(vim.json.decode(table.concat(vim.fn.readfile(file), '\n'))) do
    vim.cmd('enew!')
    vim.snippet.expand(table.concat(snippet.body, '\n'))
    out.snippets[name] = text_of(0)
    vim.snippet.stop()
  end
  vim.cmd.stopinsert()

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
