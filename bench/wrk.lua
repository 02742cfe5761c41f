-- Walks a list of requests, one a line: method, path, authorization, body, parted by tabs. wrk ... -- FILE
-- At the end it writes what bench/load.py reads: a line of totals, then how often each latency (in microseconds) came.

local requests, place, threads = {}, 0, 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function init(arguments)
  for line in io.lines(arguments[1]) do
    local method, path, authorization, body = line:match("^([^\t]*)\t([^\t]*)\t([^\t]*)\t(.*)$")
    local headers = {}
    if authorization ~= "" then headers["Authorization"] = authorization end
    if body ~= "" then headers["Content-Type"] = "application/json" else body = nil end
    requests[#requests + 1] = wrk.format(method, path, headers, body)
  end
  place = number * 7919 -- each thread begins elsewhere
end

function request()
  place = place + 1
  return requests[place % #requests + 1]
end

function done(summary, latency)
  local wrong = summary.errors
  io.write(string.format("TOTALS %d %d %d %d %d %d %d\n", summary.duration, summary.requests,
    wrong.connect, wrong.read, wrong.write, wrong.status, wrong.timeout))
  for number = 1, #latency do
    local microseconds, count = latency(number)
    io.write(string.format("LATENCY %d %d\n", microseconds, count))
  end
end
