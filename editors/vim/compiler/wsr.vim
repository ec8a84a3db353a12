" wsr check, for :make and the quickfix list.

if exists('current_compiler')
  finish
endif
let current_compiler = 'wsr'

CompilerSet makeprg=wsr\ check\ --format\ short
" routes.wsr:4:15: error[WSR0101]: unknown type `strng`
CompilerSet errorformat=%f:%l:%c:\ %trror[WSR%n]:\ %m,%f:%l:%c:\ %tarning[WSR%n]:\ %m,%-G%.%#
