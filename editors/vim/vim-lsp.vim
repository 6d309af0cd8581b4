" slimstage for vim-lsp: goes into the vimrc.
if executable('slimstage')
    autocmd User lsp_setup call lsp#register_server({
    \   'name': 'slimstage',
    \   'cmd': {server -> ['slimstage', 'lsp']},
    \   'allowlist': ['dockerfile'],
    \   'workspace_config': {'slimstage': {'lang': ''}},
    \})
    autocmd FileType dockerfile setlocal omnifunc=lsp#complete
endif
