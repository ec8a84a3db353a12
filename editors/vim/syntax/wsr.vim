" Vim syntax file of .wsr, the language of Switchboard's protocols.
"
" Keywords belong to their places: a field may be called `type` or `message`. So each kind of block has its own
" words (`contained`), and of patterns that begin at the same place the one that was defined last wins.

if exists('b:current_syntax')
  finish
endif

let s:save_cpo = &cpo
set cpo&vim

syntax case match
syntax sync fromstart

" ---------------------------------------------------------------- words between items: handlers

syntax match wsrHandler /\<\l\w*\>/
syntax match wsrScope /\<\h\w*\ze\%(::\|\/\h\)/
syntax match wsrTypeName /\<\u\w*\>/ contained
syntax match wsrTypeName /\<\u\w*\>/

" ---------------------------------------------------------------- values and types

syntax keyword wsrBuiltin contained bool u8 u16 u32 u64 i8 i16 i32 i64 f32 f64 string bytes
syntax keyword wsrBuiltin contained uuid timestamp duration date email uri ip json ok Role map
syntax match wsrBuiltinTop /\<\%(bool\|[ui]\%(8\|16\|32\|64\)\|f32\|f64\|string\|bytes\|uuid\|timestamp\|duration\|date\|email\|uri\|ip\|json\|ok\|Role\|map\)\>/
syntax keyword wsrBoolean true false

syntax match wsrNumber /-\=\<\d[0-9_]*\%(\.\d\+\)\=\%([eE][+-]\=\d\+\)\=\%(ms\|[smhdB]\|KiB\|MiB\)\=\>/
syntax match wsrNumber /-\=\<0x\x\+\>/
syntax match wsrOperator /->\|=>\|\.\.[=.<]\=\|[<>]=\=\||\|?\|\*/
syntax match wsrOperator /=>\@!/
syntax region wsrString start=/"/ skip=/\\./ end=/"/ oneline contains=wsrEscape
syntax match wsrEscape /\\./ contained

syntax region wsrLimits matchgroup=wsrBracket start=/(/ end=/)/
      \ contains=wsrLimit,wsrMatch,wsrNumber,wsrOperator,wsrString,wsrComment,wsrDoc
syntax keyword wsrLimit contained len unique multiple_of
syntax match wsrMatch /\<match\>\_s*\ze\// contained nextgroup=wsrRegex
syntax match wsrRegex /\/\%(\\.\|[^\/\\]\)\+\// contained contains=wsrEscape

" ---------------------------------------------------------------- routing

syntax match wsrRoute /\<else\_s\+continue\>/
syntax match wsrRoute /\<\%(then\|to\|in\|or\|all\|others\|mailbox\|mailboxes\|role\)\>/
syntax match wsrOutcome /\<\%(reply\|relay\|silent\)\>/
syntax match wsrOutcome /\%(->\s*\)\@<=\%(stream\s\+of\>\|pass\>\ze\s\+\%(\%(to\|then\|else\)\>\)\@![A-Za-z_\[{]\)/
syntax match wsrOutcome /\<\%(join\|leave\)\>\ze\_s\+\%(to\>\)\@![A-Za-z_{]/ nextgroup=wsrTopicPath skipwhite
syntax match wsrEvent /\%(->\s*\%(\%(reply\|relay\|silent\|stream\s\+of\)\>\|pass\s\+\%(\%(to\|then\|else\)\>\)\@![A-Za-z_\[{]\|\%(join\|leave\)\s\+\%(to\>\)\@!\)\@!\%(\h\w*\%(::\|\/\)\)*\)\@<=\h\w*\>\%(::\|\/\)\@!/
syntax region wsrRoleList matchgroup=wsrBracket start=/\%(\<role\s*\)\@<=(/ end=/)/ contains=wsrRoleName,wsrComment
syntax match wsrRoleName /\<\h\w*\>/ contained

syntax region wsrPlace matchgroup=wsrBracket start=/\%(\/\|\<mailbox\s*\)\@<={/ end=/}/ oneline
      \ contains=wsrParameter,wsrBuiltin,wsrTypeName,wsrScope
syntax match wsrParameter /[{.]\@1<=\s*\h\w*/ contained
syntax match wsrTopicPath /\h[A-Za-z0-9_\/]*/ contained nextgroup=wsrPlace
syntax match wsrTopicPath /\/\h[A-Za-z0-9_\/]*/ contained

" ---------------------------------------------------------------- payloads and variants

" What stands in the braces of a struct, a message, an event or a variant.
syntax region wsrFields matchgroup=wsrBracket start=/{/ end=/}/ fold
      \ contains=wsrField,wsrDefault,wsrFields,wsrBuiltin,wsrTypeName,wsrScope,wsrLimits,wsrString,wsrNumber,wsrBoolean,
      \wsrAttribute,wsrComment,wsrDoc,wsrOperator,wsrInlineEnum
syntax match wsrDefault /=\s*\zs\h\w*\%(::\h\w*\)*/ contained
syntax match wsrInlineEnum /\<enum\>\ze\_s*{/ contained nextgroup=wsrVariants skipwhite skipempty
syntax match wsrField /\<\h\w*\>\ze\s*?\=\s*::\@!/ contained

syntax region wsrVariants matchgroup=wsrBracket start=/{/ end=/}/ contained fold
      \ contains=wsrVariant,wsrFields,wsrNumber,wsrAttribute,wsrComment,wsrDoc
syntax match wsrVariant /\<\h\w*\>/ contained

" ---------------------------------------------------------------- items

syntax match wsrVersion /\%^\%ufeff\=\s*wsr\>/
syntax match wsrVersion /^wsr\ze\s\+\d/

syntax match wsrItem /\<protocol\>/ nextgroup=wsrName skipwhite
syntax match wsrItem /\<namespace\>/ nextgroup=wsrName skipwhite
syntax match wsrItem /\<import\>/
syntax match wsrItem /\<identity\>/ nextgroup=wsrTypeName skipwhite
syntax match wsrItem /\<type\>/ nextgroup=wsrDeclaredType skipwhite
syntax match wsrItem /\<struct\>/ nextgroup=wsrDeclaredType skipwhite
syntax match wsrItem /\<event\>/ nextgroup=wsrDeclaredEvent skipwhite
syntax match wsrItem /\<ask\>/ nextgroup=wsrDeclaredEvent skipwhite
syntax match wsrItem /\<message\>/ nextgroup=wsrDeclaredMessage skipwhite
syntax match wsrItem /\<handler\>/ nextgroup=wsrDeclaredHandler skipwhite
syntax match wsrItem /\<\%(enum\|error\)\>/ nextgroup=wsrDeclaredEnum,wsrVariants skipwhite
syntax match wsrItem /\<topic\>/ nextgroup=wsrTopicPath,wsrPlace skipwhite
syntax match wsrItem /\<flow\>/ nextgroup=wsrDeclaredFlow skipwhite

syntax match wsrName /\h\w*/ contained nextgroup=wsrBlock skipwhite skipempty
syntax match wsrDeclaredType /\h\w*/ contained
syntax match wsrDeclaredEvent /\h\w*/ contained
syntax match wsrDeclaredMessage /\h\w*/ contained
syntax match wsrDeclaredHandler /\h\w*/ contained nextgroup=wsrAny skipwhite
syntax match wsrAny /(\s*any\s*)/ contained contains=wsrAnyWord
syntax keyword wsrAnyWord any contained
syntax match wsrDeclaredEnum /\h\w*/ contained nextgroup=wsrVariants skipwhite skipempty

" A namespace holds items again.
syntax region wsrBlock matchgroup=wsrBracket start=/{/ end=/}/ contained fold contains=TOP

syntax region wsrRoles matchgroup=wsrItem start=/\<roles\>/ contains=wsrRoleName,wsrComment,wsrDoc
      \ end=/\ze\n\_s*\%(@\|\/\/\/\%(\_s*\/\/\/\|[^\n]\)*\n\s*\%(protocol\|import\|identity\|roles\|namespace\|type\|struct\|enum\|error\|topic\|handler\|event\|message\|ask\|flow\)\>\|\%(protocol\|import\|identity\|roles\|namespace\|type\|struct\|enum\|error\|topic\|handler\|event\|message\|ask\|flow\)\>\)/

" ---------------------------------------------------------------- flows

syntax match wsrDeclaredFlow /\h\w*/ contained nextgroup=wsrOn,wsrCovers skipwhite skipempty
syntax region wsrOn matchgroup=wsrFlowWord start=/\<on\>/ end=/\ze\<covers\>/ contained
      \ contains=wsrTopicPath,wsrPlace,wsrComment nextgroup=wsrCovers skipwhite skipempty
syntax region wsrCovers matchgroup=wsrFlowWord start=/\<covers\>/ end=/\ze{/ contained
      \ contains=wsrPick,wsrOperator,wsrComment nextgroup=wsrStates skipwhite skipempty
syntax region wsrStates matchgroup=wsrBracket start=/{/ end=/}/ contained fold
      \ contains=wsrState,wsrAttribute,wsrComment,wsrDoc
syntax match wsrState /\<\%(start\|state\)\>/ contained nextgroup=wsrDeclaredState skipwhite
syntax match wsrDeclaredState /\h\w*/ contained nextgroup=wsrExtends,wsrSteps skipwhite skipempty
syntax match wsrExtends /\<extends\>/ contained nextgroup=wsrExtended skipwhite
syntax match wsrExtended /\h\w*/ contained nextgroup=wsrSteps skipwhite skipempty
syntax region wsrSteps matchgroup=wsrBracket start=/{/ end=/}/ contained fold
      \ contains=wsrPick,wsrFlowWord,wsrRoute,wsrRoleList,wsrNumber,wsrOperator,wsrGoal,wsrComment,wsrDoc
syntax match wsrPick /\<\h\w*\%(\/\h\w*\)*\%(\/\*\)\=/ contained
syntax match wsrPick /\*/ contained
syntax match wsrFlowWord /\<if\>\|\<after\>\ze\s\+\d/ contained
syntax match wsrRoute /\<role\>\ze\s*(/ contained
syntax match wsrRoute /\%(\<if\s\+\|)\s*,\s*\)\@<=member\>\/\@!/ contained
syntax match wsrGoal /\%(->\s*\)\@<=\h\w*/ contained

" ---------------------------------------------------------------- attributes and comments

syntax match wsrAttribute /@\h\w*/ nextgroup=wsrArguments
syntax region wsrArguments matchgroup=wsrBracket start=/(/ end=/)/ contained
      \ contains=wsrString,wsrNumber,wsrBoolean,wsrPer,wsrArgument,wsrValue,wsrComment
syntax match wsrValue /\<\h\w*\%(-\h\w*\)*\>/ contained
syntax match wsrArgument /\<\h\w*\>\ze\s*:/ contained
syntax keyword wsrPer per contained

syntax keyword wsrTodo TODO FIXME XXX NOTE contained
syntax match wsrComment /\/\/.*$/ contains=wsrTodo,@Spell
syntax match wsrDoc /\/\/\/\/\@!.*$/ contains=wsrTodo,@Spell

" ---------------------------------------------------------------- colours

highlight default link wsrVersion PreProc
highlight default link wsrItem Keyword
highlight default link wsrState Keyword
highlight default link wsrExtends Keyword
highlight default link wsrInlineEnum Keyword
highlight default link wsrFlowWord Conditional
highlight default link wsrRoute Statement
highlight default link wsrOutcome Statement
highlight default link wsrAnyWord Statement
highlight default link wsrPer Statement
highlight default link wsrLimit StorageClass
highlight default link wsrMatch StorageClass
highlight default link wsrBuiltin Type
highlight default link wsrBuiltinTop Type
highlight default link wsrTypeName Type
highlight default link wsrDeclaredType Typedef
highlight default link wsrDeclaredEnum Typedef
highlight default link wsrDeclaredEvent Typedef
highlight default link wsrEvent Type
highlight default link wsrDeclaredMessage Function
highlight default link wsrDeclaredHandler Function
highlight default link wsrHandler Function
highlight default link wsrPick Function
highlight default link wsrName Include
highlight default link wsrScope Include
highlight default link wsrDeclaredFlow Include
highlight default link wsrDeclaredState Label
highlight default link wsrExtended Label
highlight default link wsrGoal Label
highlight default link wsrField Identifier
highlight default link wsrParameter Identifier
highlight default link wsrArgument Identifier
highlight default link wsrVariant Constant
highlight default link wsrRoleName Constant
highlight default link wsrDefault Constant
highlight default link wsrValue Constant
highlight default link wsrTopicPath Special
highlight default link wsrBoolean Boolean
highlight default link wsrNumber Number
highlight default link wsrString String
highlight default link wsrRegex String
highlight default link wsrEscape SpecialChar
highlight default link wsrAttribute PreProc
highlight default link wsrOperator Operator
highlight default link wsrBracket Delimiter
highlight default link wsrDoc SpecialComment
highlight default link wsrComment Comment
highlight default link wsrTodo Todo

let b:current_syntax = 'wsr'

let &cpo = s:save_cpo
unlet s:save_cpo
