" Run headless by editors/test: every chosen word has its colour, and nothing is coloured as an item inside a payload.
" The words are those of the sample that the other editors are tested with.

let s:failures = []
set report=9999

" The syntax group of the first place of a word in the first line that has a text.
function s:Group(line, word) abort
  let l:number = 0
  for l:at in range(1, line('$'))
    if stridx(getline(l:at), a:line) >= 0
      let l:number = l:at
      break
    endif
  endfor
  if l:number == 0
    call add(s:failures, 'no line has: ' . a:line)
    return ''
  endif
  let l:column = match(getline(l:number), '\V\%(\<\|\w\@<!\)' . escape(a:word, '\'))
  if l:column < 0
    call add(s:failures, 'no `' . a:word . '` in: ' . getline(l:number))
    return ''
  endif
  return synIDattr(synID(l:number, l:column + 1, 1), 'name')
endfunction

function s:Expect(line, word, group) abort
  let l:found = s:Group(a:line, a:word)
  if l:found !=# a:group
    call add(s:failures, '`' . a:word . '` in `' . a:line . '` is ' . l:found . ', not ' . a:group)
  endif
endfunction

let s:expected = [
      \ ['wsr 1', 'wsr', 'wsrVersion'],
      \ ['/// Who', 'Who', 'wsrDoc'],
      \ ['// An aside', 'aside', 'wsrComment'],
      \ ['@accepts', '@accepts', 'wsrAttribute'],
      \ ['@accepts', 'nested', 'wsrValue'],
      \ ['@rename_all', 'case', 'wsrValue'],
      \ ['protocol', 'protocol', 'wsrItem'],
      \ ['protocol', 'harbour', 'wsrName'],
      \ ['import', 'import', 'wsrItem'],
      \ ['import', 'shared', 'wsrString'],
      \ ['  passenger,', 'passenger', 'wsrRoleName'],
      \ ['  skipper', 'skipper', 'wsrRoleName'],
      \ ['type PersonId', 'type', 'wsrItem'],
      \ ['type PersonId', 'uuid', 'wsrBuiltinTop'],
      \ ['type Line', 'Line', 'wsrDeclaredType'],
      \ ['type Line', 'len', 'wsrLimit'],
      \ ['type Line', 'match', 'wsrMatch'],
      \ ['type Line', '/^[^', 'wsrRegex'],
      \ ['type Line', '@secret', 'wsrAttribute'],
      \ ['type Step', '|', 'wsrOperator'],
      \ ['type Angle', '3.6e2', 'wsrNumber'],
      \ ['enum Position', 'enum', 'wsrItem'],
      \ ['enum Position', 'Position', 'wsrDeclaredEnum'],
      \ ['at_sea', 'at_sea', 'wsrVariant'],
      \ ['at_sea', 'latitude', 'wsrField'],
      \ ['moored', '2', 'wsrNumber'],
      \ ['type?:', 'type', 'wsrField'],
      \ ['type?:', 'ferry', 'wsrString'],
      \ ['live:', 'true', 'wsrBoolean'],
      \ ['device:', 'enum', 'wsrInlineEnum'],
      \ ['device:', 'mobile', 'wsrVariant'],
      \ ['device:', 'version', 'wsrField'],
      \ ['crew:', 'map', 'wsrBuiltin'],
      \ ['crew:', 'ships', 'wsrScope'],
      \ ['crew:', 'Rank', 'wsrTypeName'],
      \ ['speed:', 'seen', 'wsrField'],
      \ ['namespace deck', 'deck', 'wsrName'],
      \ ['topic decks/{deck', 'topic', 'wsrItem'],
      \ ['topic decks/{deck', 'decks', 'wsrTopicPath'],
      \ ['topic decks/{deck', 'deck:', 'wsrParameter'],
      \ ['topic decks/{deck', 'Line', 'wsrTypeName'],
      \ ['error Hushed', 'Hushed', 'wsrDeclaredEnum'],
      \ ['error Hushed', 'asleep', 'wsrVariant'],
      \ ['error Hushed', 'until', 'wsrField'],
      \ ['event said', 'said', 'wsrDeclaredEvent'],
      \ ['event said', 'others', 'wsrRoute'],
      \ ['@rate', 'per', 'wsrPer'],
      \ ['@rate', 'by', 'wsrArgument'],
      \ ['message say', 'message', 'wsrItem'],
      \ ['message say', 'say', 'wsrDeclaredMessage'],
      \ ['    to: PersonId', 'to', 'wsrField'],
      \ ['=> mind_manners', 'mind_manners', 'wsrHandler'],
      \ ['then keep', 'then', 'wsrRoute'],
      \ ['then keep', 'keep', 'wsrHandler'],
      \ ['then keep', 'reply', 'wsrOutcome'],
      \ ['then keep', 'ok', 'wsrBuiltinTop'],
      \ ['then keep', 'Hushed', 'wsrTypeName'],
      \ ['then keep', 'said', 'wsrEvent'],
      \ ['log::record', 'log', 'wsrScope'],
      \ ['log::record', 'record', 'wsrHandler'],
      \ ['relay to role', 'skipper', 'wsrRoleName'],
      \ ['then post', 'mailbox', 'wsrRoute'],
      \ ['message join', 'join', 'wsrDeclaredMessage'],
      \ ['message silent', 'silent', 'wsrDeclaredMessage'],
      \ ['handler record', 'any', 'wsrAnyWord'],
      \ ['flow voyage', 'covers', 'wsrFlowWord'],
      \ ['start quay', 'start', 'wsrState'],
      \ ['start quay', 'quay', 'wsrDeclaredState'],
      \ ['deck/* if', 'deck', 'wsrPick'],
      \ ['deck/* if', 'if', 'wsrFlowWord'],
      \ ['deck/* if', 'aboard', 'wsrGoal'],
      \ ['after 30s', 'after', 'wsrFlowWord'],
      \ ['state aboard', 'extends', 'wsrExtends'],
      \ ['ask berth', 'ask', 'wsrItem'],
      \ ['ask berth', 'berth', 'wsrDeclaredEvent'],
      \ ['message watch', 'stream', 'wsrOutcome'],
      \ ['look_up ->', 'pass', 'wsrOutcome'],
      \ ['look_up ->', 'Vessel', 'wsrTypeName'],
      \ ['log::keep', 'else', 'wsrRoute'],
      \ ['then tell', 'pass', 'wsrEvent'],
      \ ['flow mooring', 'on', 'wsrFlowWord'],
      \ ['flow mooring', 'decks', 'wsrTopicPath'],
      \ ['flow mooring', 'covers', 'wsrFlowWord'],
      \ ['flow mooring', 'watch', 'wsrPick'],
      \ ['dock if', 'member', 'wsrRoute'],
      \ ['watch if', 'member', 'wsrRoute'],
      \ ]
for s:case in s:expected
  call s:Expect(s:case[0], s:case[1], s:case[2])
endfor

if &filetype !=# 'wsr' || &commentstring !=# '// %s' || &shiftwidth != 2
  call add(s:failures, 'the settings of the filetype are not there')
endif

" The quickfix list that `:make` fills from the short form of reports.
let s:said = tempname()
call writefile(['routes.wsr:4:15: error[WSR0101]: unknown type `strng`',
      \ 'chat.wsr:7:1: warning[WSR0801]: type `Room` is never used', '2 reports'], s:said)
if &makeprg !~# '^wsr check --format short'
  call add(s:failures, 'makeprg is ' . &makeprg)
endif
let &l:makeprg = 'cat ' . s:said
silent make!
let s:found = map(filter(getqflist(), 'v:val.valid'),
      \ '[bufname(v:val.bufnr), v:val.lnum, v:val.col, v:val.type, v:val.nr, v:val.text]')
let s:wanted = [['routes.wsr', 4, 15, 'e', 101, 'unknown type `strng`'],
      \ ['chat.wsr', 7, 1, 'w', 801, 'type `Room` is never used']]
if s:found != s:wanted
  call add(s:failures, 'the quickfix list is ' . string(s:found))
endif

" Indentation: a file that lost it gets it back.
let s:sample = fnamemodify(expand('%'), ':p')
for s:file in [s:sample, $SWITCHBOARD_ROOT . '/routes.wsr'] + glob($SWITCHBOARD_ROOT . '/crates/*/cases/*.wsr', 1, 1)
  execute 'edit' fnameescape(s:file)
  let s:lines = getline(1, '$')
  silent %substitute/^ \+//e
  silent normal! gg=G
  for s:at in range(1, line('$'))
    if getline(s:at) !=# s:lines[s:at - 1]
      call add(s:failures, s:file . ':' . s:at . ': indented as `' . getline(s:at) . '`')
    endif
  endfor
  edit!
endfor

if empty(s:failures)
  call writefile(['vim: ' . len(s:expected) . ' colours, quickfix and indentation are right'], '/dev/stdout')
  quitall!
endif
call writefile(s:failures, '/dev/stderr')
cquit!
