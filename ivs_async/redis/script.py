"""The script that Redis runs for the limiter on it.

Owns what happens inside Redis: how tokens are kept there, and who gets the next. What it is asked,
and what its answers mean, is the limiter's business.
"""

import hashlib
from typing import Final

SCRIPT: Final = """
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local said = cjson.decode(ARGV[1])
local me = said.holder

-- all in microseconds. Who waits asks once in PACE, or in EACH for every process that waits, or in
-- SLOWEST, and counts as waiting for GRACE longer. What has ended may be told LATE.
local PACE, EACH, SLOWEST, GRACE, LATE = 25000, 8000, 200000, 100000, 300000
local LONG_AGO = 1e13

local function text(...)
  local parts = {...}
  for i, number in ipairs(parts) do
    parts[i] = string.format('%.0f', number)
  end
  return table.concat(parts, ':')
end

local function numbers(joined)
  local parts = {}
  for number in string.gmatch(joined, '%d+') do
    parts[#parts + 1] = tonumber(number)
  end
  return unpack(parts)
end

local last = tonumber(redis.call('GET', KEYS[1]) or 0)
if said.call <= last then
  return {0}
end

-- when all buckets were closed; since when processes that had Redis called without a gap, and the
-- latest of their calls
local epoch, since, latest = numbers(redis.call('GET', KEYS[2]) or '0:0:0')
local gap = now - latest > said.gap
if said.away == 0 then
  since, latest = gap and now or since, now
end
if epoch == 0 and said.epoch == 0 then
  epoch = now - LONG_AGO
elseif epoch == 0 or
    last < said.answered and (epoch == said.epoch or epoch < now - LONG_AGO / 2) then
  -- what this process remembers is gone, and nobody has closed anything since
  epoch = now
end
if said.outage and (gap or since > now - said.away) and epoch < now - said.failed then
  -- others had it too, and may spend something on their own until they notice its end
  epoch = now
end
redis.call('SET', KEYS[1], text(said.call), 'PX', said.memory)
redis.call('SET', KEYS[2], text(epoch, since, latest), 'PX', said.memory)

local buckets = {}
for i, spec in ipairs(said.buckets) do
  buckets[i] = {
    tokens = spec[1], period = spec[2], lease = said.lease + spec[2],
    opens = epoch + spec[2] + said.rest, out = KEYS[2 * i + 1], state = KEYS[2 * i + 2],
    size = spec[1], closed = 0, grows = 0, others = {}, crowd = 1, had = 0, given = 0, waits = 0,
    removed = 0, again = 0,
  }
end

local function grow(b, at)
  while b.size < b.tokens and b.grows <= at do
    b.size = b.size + 1
    b.grows = b.grows + b.period
  end
end

-- a bucket's state: whether it steps back from a throttle, what each process had of it lately (in
-- millionths of a token, of which a period leaves about a third), which of them wait for how much
local function read(b)
  if b.known then
    return
  end
  b.known = true
  local entries = redis.call('HGETALL', b.state)
  for j = 1, #entries, 2 do
    local field = entries[j]
    if field == '!' then
      b.size, b.closed, b.grows = numbers(entries[j + 1])
      b.size = math.min(b.size, b.tokens)
      grow(b, now)
      if b.size == b.tokens and b.closed <= now then
        redis.call('HDEL', b.state, field)
      end
    else
      local had, at, wants, lapses = numbers(entries[j + 1])
      local waits = wants > 0 and lapses > now
      had = had * math.exp((at - now) / b.period)
      if field == me then
        b.had, b.waited = had, waits
      elseif waits then
        b.crowd = b.crowd + 1
        b.others[b.crowd - 1] = {had = had, wants = wants}
      elseif had < 1 then
        redis.call('HDEL', b.state, field)
      end
    end
  end
end

for _, claim in ipairs(said.claims) do
  local b, name = buckets[claim[1]], claim[2]
  if not redis.call('ZSCORE', b.out, name .. '~') then
    redis.call('ZADD', b.out, 'NX', text(now + b.lease), name)
  end
  b.changed = true
end

for _, given in ipairs(said.returns) do
  local b, name, age, rest, refused = buckets[given[1]], given[2], given[3], given[4], given[5]
  local lease = tonumber(redis.call('ZSCORE', b.out, name) or nil)
  local began = lease and lease - b.lease or 0
  local back = rest < 0 and began or math.max(began, now - age) + rest
  if lease then
    redis.call('ZREM', b.out, name)
  end
  if back > now then
    redis.call('ZADD', b.out, 'NX', text(back), name .. '~')
    b.changed = true
  end
  if refused == 1 then
    read(b)
    if began >= b.closed then
      grow(b, now - age)
      b.size = math.max(1, math.floor(b.size / 2))
    end
    b.closed = math.max(b.closed, now - age + b.period)
    b.grows = b.closed + b.period
    redis.call('HSET', b.state, '!', text(b.size, b.closed, b.grows))
    b.changed = true
  end
end

-- the more processes wait, the slower each of them asks, and the sooner it is granted what it wants
local crowd = 1
for _, ask in ipairs(said.asks) do
  local b = buckets[ask[1]] or buckets[ask[2]]
  read(b)
  crowd = math.max(crowd, b.crowd)
end
local pace = math.min(math.max(PACE, crowd * EACH), SLOWEST)
local horizon = now + 2 * pace

-- when the place of that number is free, in the order of time, and whose token must leave it
local function place(b, number)
  -- after a throttle more tokens may be out than there are places for
  local index = b.taken - b.size + number
  if index < 1 then
    return b.from
  end
  local near = b.near[2 * index]
  if near then
    return math.max(tonumber(near), b.from), b.near[2 * index - 1]
  end
  index = index - 1 - b.removed
  local far = redis.call('ZRANGE', b.out, index, index, 'WITHSCORES')[2]
  return far and math.max(tonumber(far), b.from) or now + b.period
end

-- how many of the places that are free or soon to be are mine, if each goes to who had least lately
local function allowance(b, wanted)
  read(b)
  b.asked = true
  b.from = math.max(now, b.closed, b.opens)
  redis.call('ZREMRANGEBYSCORE', b.out, '-inf', text(now))
  b.taken = redis.call('ZCARD', b.out)
  b.near = redis.call('ZRANGEBYSCORE', b.out, '-inf', text(horizon), 'WITHSCORES')
  b.first, b.last = place(b, 1), place(b, b.size)
  if b.from > horizon then
    return 0
  end
  local free = math.min(b.size, b.size - b.taken + #b.near / 2)
  if b.crowd == 1 then
    return math.max(0, math.min(wanted, free))
  end
  local mine = {had = b.had, wants = wanted}
  for _ = 1, free do
    local least = mine.wants > 0 and mine or nil
    for _, other in ipairs(b.others) do
      if other.wants > 0 and (not least or other.had < least.had) then
        least = other
      end
    end
    if not least then
      break
    end
    least.had, least.wants = least.had + 1000000, least.wants - 1
  end
  return wanted - mine.wants
end

local function take(b, name, at, replaced)
  b.given = b.given + 1
  b.had = b.had + 1000000
  b.changed = true
  if replaced then
    b.removed = b.removed + 1
    redis.call('ZREM', b.out, replaced)
  end
  redis.call('ZADD', b.out, text(at + b.lease), name)
end

-- the asks of an operation have the account's bucket in common
local operations, order = {}, {}
for i, ask in ipairs(said.asks) do
  local key = ask[1] > 0 and ask[1] or -i
  if not operations[key] then
    operations[key] = {wanted = 0}
    order[#order + 1] = key
  end
  table.insert(operations[key], {index = i, own = buckets[ask[2]], wants = ask[3], got = 0})
  operations[key].wanted = operations[key].wanted + ask[3]
end

local grants = {}
for _, key in ipairs(order) do
  local account, asks = buckets[key], operations[key]
  local free = account and allowance(account, asks.wanted) or asks.wanted
  local going = true
  while free > 0 and going do
    going = false
    for _, ask in ipairs(asks) do
      local own = ask.own
      if free > 0 and not ask.most then
        ask.most = own and allowance(own, ask.wants) or ask.wants
      end
      if free > 0 and ask.got < ask.most then
        going = true
        free = free - 1
        ask.got = ask.got + 1
        local at, theirs, also, replaced = now, nil, now, nil
        if account then
          at, theirs = place(account, account.given + 1)
        end
        if own then
          also, replaced = place(own, own.given + 1)
        end
        at = math.max(at, also)
        local name = me .. ':' .. text(said.call) .. ':' .. ask.index .. ':' .. ask.got
        if account then
          take(account, name, at, theirs)
        end
        if own then
          take(own, name, at, replaced)
        end
        grants[#grants + 1] = ask.index
        grants[#grants + 1] = at - now
      end
    end
  end
  for _, ask in ipairs(asks) do
    local most = ask.most or ask.wants
    if account then
      account.waits = account.waits + most - ask.got
    end
    if most < ask.wants then
      ask.own.waits = ask.wants - most
    end
  end
end

local told = {}
for i, b in ipairs(buckets) do
  if b.asked then
    local round = now + b.period
    local first = b.given == 0 and b.first or b.given < b.size and place(b, b.given + 1) or round
    if b.size < b.tokens then
      first = math.min(first, math.max(b.grows, b.from))
    end
    if b.waits > 0 then
      -- what is in flight now is free in a period, if its holder tells in time
      b.again = math.max(pace, math.min(first, round - LATE) - horizon)
    end
    if b.waits > 0 or b.given > 0 or b.waited then
      redis.call('HSET', b.state, me, text(b.had, now, b.waits, now + b.again + GRACE))
      b.changed = true
    end
    for _, number in ipairs({i, b.size, b.again, math.min(first, round) - now,
                             (b.given > 0 and round or math.min(b.last, round)) - now,
                             b.from - now}) do
      told[#told + 1] = number
    end
  end
  if b.changed then
    local final = redis.call('ZRANGE', b.out, -1, -1, 'WITHSCORES')[2] or now
    local whole = b.grows + (b.tokens - b.size) * b.period
    redis.call('PEXPIRE', b.out, math.ceil((final - now) / 1000) + 1)
    if b.known then
      redis.call('PEXPIRE', b.state,
        math.ceil((math.max(2 * b.period, b.again + GRACE, whole - now)) / 1000))
    end
  end
end

return {{epoch, pace}, grants, told}
"""
SHA: Final = hashlib.sha1(SCRIPT.encode()).hexdigest()  # noqa: S324 - it is what Redis names it by
