-- What somebody does in an editing session, with the client that Neovim brings. Every step waits for what it expects
-- to see; the first one that does not come ends the session with its name.
-- Written for Neovim 0.7 and what came after it.

local PATIENCE = 30000

local function fail(text)
  io.stderr:write('\n' .. text .. '\n' .. table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n') .. '\n')
  vim.cmd('cquit 1')
end

-- Waits until a condition holds, and gives what it gave.
local function eventually(what, condition)
  local result
  local done = vim.wait(PATIENCE, function()
    result = condition()
    return result
  end, 5)
  if not done then
    fail('never seen: ' .. what)
  end
  return result
end

local function lines(buffer)
  return vim.api.nvim_buf_get_lines(buffer, 0, -1, false)
end

local function has_line(buffer, wanted)
  for _, line in ipairs(lines(buffer)) do
    if line == wanted then
      return true
    end
  end
  return false
end

-- Puts the cursor on the first letter of a piece of text, and gives its place.
local function go_to(piece)
  for number, line in ipairs(lines(0)) do
    local column = line:find(piece, 1, true)
    if column then
      vim.api.nvim_win_set_cursor(0, { number, column - 1 })
      return number, column - 1
    end
  end
  fail('there is no ' .. piece)
end

local function write(name, text)
  local file = assert(io.open(name, 'w'))
  file:write(text)
  file:close()
end

local function run()
  write('parts.wsr', 'wsr 1\ntype RoomId = string(len 1..=40)\n')
  write('routes.wsr', [[
wsr 1
import "parts.wsr"

/// Talk. 😀
namespace chat {
  topic rooms/{room: RoomId}
  event posted { room: RoomId, text: string(len ..=9) } to topic rooms/{room}

  message send { room: RoomId, text: strng(len ..=9) } -> posted
}
]])
  vim.cmd('edit routes.wsr')
  local buffer = vim.api.nvim_get_current_buf()

  local gone
  local client = vim.lsp.start_client({
    name = 'wsr',
    cmd = { vim.env.WSR, 'lsp' },
    root_dir = vim.fn.getcwd(),
    on_exit = function(code, signal)
      gone = { code = code, signal = signal }
    end,
  })
  if not client or not vim.lsp.buf_attach_client(buffer, client) then
    fail('the server does not start')
  end

  local report = eventually('the unknown type', function()
    for _, found in ipairs(vim.diagnostic.get(buffer)) do
      if found.code == 'WSR0101' or (found.user_data and found.user_data.lsp and found.user_data.lsp.code == 'WSR0101') then
        return found
      end
    end
  end)
  if report.lnum ~= 8 or report.col ~= 37 or report.end_col ~= 42 or not report.message:find('`strng`', 1, true) then
    fail('the report is elsewhere: ' .. vim.inspect(report))
  end

  -- The quick fix, as if its first entry was chosen.
  vim.ui.select = function(items, _, choose)
    choose(items[1], 1)
  end
  go_to('strng')
  vim.lsp.buf.code_action()
  eventually('the mended type', function()
    return has_line(buffer, '  message send { room: RoomId, text: string(len ..=9) } -> posted')
  end)
  eventually('no errors', function()
    return #vim.diagnostic.get(buffer, { severity = vim.diagnostic.severity.ERROR }) == 0
  end)

  go_to('send {')
  vim.lsp.buf.hover()
  local float = eventually('the hover', function()
    for _, window in ipairs(vim.api.nvim_list_wins()) do
      if vim.api.nvim_win_get_config(window).relative ~= '' then
        return window
      end
    end
  end)
  local shown = table.concat(lines(vim.api.nvim_win_get_buf(float)), '\n')
  if not shown:find('chat/send', 1, true) or not shown:find('async fn send', 1, true) then
    fail('the hover says: ' .. shown)
  end
  vim.api.nvim_win_close(float, true)

  -- A second line is typed, behind a letter that UTF-16 counts twice.
  local number = go_to('-> posted')
  vim.api.nvim_buf_set_lines(buffer, number, number, false, { '  message mute { why: string(len ..=9) = "😀", of: R } -> silent' })
  local column = assert(lines(buffer)[number + 1]:find(' }', 1, true)) - 1
  vim.api.nvim_win_set_cursor(0, { number + 1, column })
  local answers = vim.lsp.buf_request_sync(buffer, 'textDocument/completion', vim.lsp.util.make_position_params(0, 'utf-16'), PATIENCE)
  local offered
  for _, answer in pairs(answers or {}) do
    for _, item in ipairs(answer.result.items or answer.result) do
      if item.label == 'RoomId' then
        offered = item
      end
    end
  end
  if not offered then
    fail('RoomId is not offered')
  end
  vim.lsp.util.apply_text_edits({ offered.textEdit }, buffer, 'utf-16')
  if not has_line(buffer, '  message mute { why: string(len ..=9) = "😀", of: RoomId } -> silent') then
    fail('the completion went elsewhere')
  end

  local _, arrow = go_to('-> posted')
  vim.api.nvim_win_set_cursor(0, { number, arrow + #'-> ' })
  vim.lsp.buf.definition()
  eventually('the declaration of the event', function()
    return vim.api.nvim_win_get_cursor(0)[1] == 7
  end)

  -- A new name, in this file and in one that was not open.
  go_to('RoomId')
  vim.lsp.buf.rename('RoomName')
  eventually('the new name here', function()
    return has_line(buffer, '  topic rooms/{room: RoomName}')
  end)
  local part = vim.fn.bufnr('parts.wsr')
  if part < 0 or not has_line(part, 'type RoomName = string(len 1..=40)') then
    fail('the other file still says RoomId')
  end
  eventually('the new name understood', function()
    return #vim.diagnostic.get(buffer, { severity = vim.diagnostic.severity.ERROR }) == 0
  end)

  vim.api.nvim_buf_set_lines(buffer, -1, -1, false, { '', '/// Untidy.', 'message   ping->reply    ok' })
  if vim.lsp.buf.format then
    vim.lsp.buf.format({ timeout_ms = PATIENCE })
  else
    vim.lsp.buf.formatting_sync(nil, PATIENCE)
  end
  if not has_line(buffer, 'message ping -> reply ok') then
    fail('the text is not formatted')
  end

  vim.lsp.stop_client(client)
  eventually('the end of the server', function()
    return gone
  end)
  if gone.code ~= 0 then
    fail('the server ended with ' .. vim.inspect(gone))
  end
end

local fine, problem = xpcall(run, debug.traceback)
if not fine then
  fail(problem)
end
io.stderr:write('the session is over\n')
vim.cmd('qall!')
