" slimstage for ALE: findings, hover, completion, definition, rename, code actions.
call ale#Set('dockerfile_slimstage_executable', 'slimstage')
" What `slimstage.*` settings are to other editors, for example {'lang': 'ko'}.
call ale#Set('dockerfile_slimstage_settings', {})

function! ale_linters#dockerfile#slimstage#ProjectRoot(buffer) abort
    let l:git = ale#path#FindNearestDirectory(a:buffer, '.git')
    return empty(l:git) ? expand('#' . a:buffer . ':p:h') : fnamemodify(l:git, ':h:h')
endfunction

call ale#linter#Define('dockerfile', {
\   'name': 'slimstage',
\   'lsp': 'stdio',
\   'executable': {buffer -> ale#Var(buffer, 'dockerfile_slimstage_executable')},
\   'command': '%e lsp',
\   'project_root': function('ale_linters#dockerfile#slimstage#ProjectRoot'),
\   'initialization_options': {buffer -> {'slimstage': ale#Var(buffer, 'dockerfile_slimstage_settings')}},
\})
