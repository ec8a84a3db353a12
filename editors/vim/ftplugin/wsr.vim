" Settings for .wsr files: comments, two blanks, `gq` and `:make` by the wsr command.

if exists('b:did_ftplugin')
  finish
endif
let b:did_ftplugin = 1

setlocal commentstring=//\ %s
" A doc comment goes on in the next line; so does an ordinary one.
setlocal comments=:///,://
setlocal formatoptions-=t formatoptions+=croql
setlocal expandtab shiftwidth=2 softtabstop=2
setlocal suffixesadd=.wsr
setlocal include=^\\s*import\\s*\"
" rooms/{room} and chat/send are several words, `level_changed` is one.
setlocal iskeyword=@,48-57,_

if executable('wsr')
  setlocal formatprg=wsr\ fmt\ -
endif
" `:make` fills the quickfix list with the reports of every protocol that `wsr check` finds.
compiler wsr

let b:undo_ftplugin = 'setlocal commentstring< comments< formatoptions< expandtab< shiftwidth< softtabstop<'
      \ . ' suffixesadd< include< iskeyword< formatprg< makeprg< errorformat<'
