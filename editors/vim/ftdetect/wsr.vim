" Files of Switchboard's protocols.
autocmd BufNewFile,BufRead *.wsr setfiletype wsr
