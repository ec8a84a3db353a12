" Indentation of .wsr: two blanks a brace, two for the arrows below a message, handlers of one stage below each other.

if exists('b:did_indent')
  finish
endif
let b:did_indent = 1

setlocal indentexpr=WsrIndent(v:lnum)
setlocal indentkeys=0{,0},0),0],!^F,o,O,0=->,0==>,0=then
setlocal nosmartindent
let b:undo_indent = 'setlocal indentexpr< indentkeys< smartindent<'

if exists('*WsrIndent')
  finish
endif

" What begins a line of arrows.
let s:arrows = '^\s*\%(=>\|->\|then\>\|to\s\+\h\)'

" A line without its comment, and without what stands in quotes and patterns.
function s:Bare(number) abort
  let l:text = substitute(getline(a:number), '\<match\s*/\%(\\.\|[^/\\]\)*/', 'match', 'g')
  let l:text = substitute(l:text, '"\%(\\.\|[^"\\]\)*"', '""', 'g')
  return substitute(l:text, '\s*//.*$', '', '')
endfunction

" How many more brackets a text opens than it closes.
function s:Depth(text) abort
  return strlen(substitute(a:text, '[^{(\[]', '', 'g')) - strlen(substitute(a:text, '[^})\]]', '', 'g'))
endfunction

" The message or event that arrows at a line belong to; 0 when something else was declared in between.
function s:Item(number) abort
  let l:line = a:number
  while l:line > 0
    let l:found = matchstr(getline(l:line), '^\s*\zs\%(message\|event\|flow\|namespace\|struct\|enum\|error\|type\)\ze\s\+\h')
    if !empty(l:found)
      return l:found ==# 'message' || l:found ==# 'event' ? l:line : 0
    endif
    let l:line -= 1
  endwhile
  return 0
endfunction

" The line of arrows that a line goes on with, itself included; 0 when it is something else.
function s:Clause(number) abort
  let l:line = a:number
  while l:line > 0
    if getline(l:line) =~# s:arrows
      return s:Item(l:line - 1) > 0 ? l:line : 0
    endif
    let l:line -= 1
    if s:Bare(l:line) !~# ',\s*$'
      return 0
    endif
  endwhile
  return 0
endfunction

" The line that says `roles` alone, when a line is in the list below it.
function s:Roles(number) abort
  let l:line = a:number
  while l:line > 0 && s:Bare(l:line) !~# '^\s*roles\s*$'
    if getline(l:line) =~# '^\s*$' || s:Bare(l:line) !~# '^\s*\h\=\w*,\=\s*$'
      return 0
    endif
    let l:line -= 1
  endwhile
  return l:line
endfunction

function s:Open(number, before) abort
  let l:bare = s:Bare(a:before)
  if s:Clause(a:before) > 0
    if l:bare !~# ',\s*$'
      " Behind the last handler comes the next item.
      return indent(s:Item(s:Clause(a:before)))
    endif
    return indent(a:before) + strlen(matchstr(l:bare, '^\s*\zs\%(=>\|then\)\s*'))
  endif
  let l:roles = s:Roles(a:before)
  if l:roles > 0
    let l:more = a:before == a:number - 1 && (l:bare =~# ',$' || l:bare =~# '^\s*$' || a:before == l:roles)
    return indent(l:roles) + (l:more ? shiftwidth() : 0)
  endif
  return indent(a:before) + (s:Depth(substitute(l:bare, '^\s*[})\]]\+', '', '')) > 0 ? shiftwidth() : 0)
endfunction

function WsrIndent(number) abort
  let l:text = getline(a:number)
  let l:before = prevnonblank(a:number - 1)
  if l:before == 0
    return 0
  endif
  if l:text =~# s:arrows && s:Item(l:before) > 0
    return indent(s:Item(l:before)) + shiftwidth()
  endif
  return max([s:Open(a:number, l:before) - (l:text =~# '^\s*[})\]]' ? shiftwidth() : 0), 0])
endfunction
