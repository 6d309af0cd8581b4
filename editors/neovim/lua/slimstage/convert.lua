-- :SlimstageConvert: the multi-stage rewrite, shown as a diff before it is applied.
local slimstage = require('slimstage')
local M = {}

local function find_rewrite(buffer, callback)
  local client = slimstage.client(buffer)
  if not client then
    return vim.notify('slimstage: no server is attached to this buffer', vim.log.levels.WARN)
  end
  local last = vim.api.nvim_buf_line_count(buffer)
  local params = {
    textDocument = vim.lsp.util.make_text_document_params(buffer),
    range = { start = { line = 0, character = 0 }, ['end'] = { line = last, character = 0 } },
    context = { diagnostics = {}, only = { 'refactor.rewrite' } },
  }
  slimstage.request(client, 'textDocument/codeAction', params, buffer, function(actions)
    local action = (actions or {})[1]
    if not action then
      return vim.notify('slimstage: no verified conversion for this file', vim.log.levels.INFO)
    end
    if action.edit then return callback(client, action.edit) end
    slimstage.request(client, 'codeAction/resolve', action, buffer, function(resolved)
      if resolved and resolved.edit then callback(client, resolved.edit) end
    end)
  end)
end

local function edits_of(edit)
  if edit.documentChanges then return edit.documentChanges[1].edits end
  local _, edits = next(edit.changes or {})
  return edits or {}
end

--- Apply at once.
function M.apply(buffer)
  find_rewrite(buffer, function(client, edit)
    vim.lsp.util.apply_text_edits(edits_of(edit), buffer, client.offset_encoding)
  end)
end

--- Show the file beside its conversion; `:w` in the new window applies it to the file's buffer.
function M.preview(buffer)
  find_rewrite(buffer, function(client, edit)
    local name = vim.api.nvim_buf_get_name(buffer) .. ' (slimstage)'
    local old = vim.fn.bufnr(name)
    if old ~= -1 then pcall(vim.api.nvim_buf_delete, old, { force = true }) end
    local preview = vim.api.nvim_create_buf(true, false)
    vim.api.nvim_buf_set_lines(preview, 0, -1, false, vim.api.nvim_buf_get_lines(buffer, 0, -1, false))
    vim.lsp.util.apply_text_edits(edits_of(edit), preview, client.offset_encoding)
    vim.api.nvim_buf_set_name(preview, name)
    vim.bo[preview].buftype = 'acwrite'
    vim.bo[preview].syntax = vim.bo[buffer].filetype -- coloured alike, but no file type: no second server
    vim.bo[preview].modified = false
    vim.api.nvim_create_autocmd('BufWriteCmd', {
      buffer = preview,
      callback = function()
        vim.api.nvim_buf_set_lines(buffer, 0, -1, false, vim.api.nvim_buf_get_lines(preview, 0, -1, false))
        vim.bo[preview].modified = false
      end,
    })
    vim.cmd('tab split')
    vim.api.nvim_set_current_buf(buffer)
    vim.cmd('diffthis')
    vim.cmd('rightbelow vsplit')
    vim.api.nvim_set_current_buf(preview)
    vim.cmd('diffthis')
  end)
end

return M
