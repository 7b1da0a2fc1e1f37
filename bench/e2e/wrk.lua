-- wrk script: takes requests from the arguments, prints the summary as JSON.
-- Usage: wrk ... -s wrk.lua URL -- METHOD PATH BODY_FILE CONTENT_TYPE [METHOD PATH ...]
-- An empty BODY_FILE stands for no body. Several requests are sent in turn.
-- Must never define `response`: wrk would then build Lua tables for every answer and measure itself.

local function content(path)
   local file = assert(io.open(path, "rb"))
   local bytes = file:read("*a")
   file:close()
   return bytes
end

local function format(method, path, body_file, content_type)
   wrk.method, wrk.path, wrk.body = method, path, nil
   wrk.headers["Content-Type"], wrk.headers["Content-Length"] = nil, nil
   if body_file ~= "" then
      wrk.body = content(body_file)
      wrk.headers["Content-Type"] = content_type
   end
   return wrk.format()
end

function init(arguments)
   local requests = {}
   for first = 1, #arguments, 4 do
      table.insert(requests, format(unpack(arguments, first, first + 3)))
   end
   -- Without this function wrk formats the last request once and never calls Lua again.
   if #requests > 1 then
      local sent = 0
      function request()
         sent = sent % #requests + 1
         return requests[sent]
      end
   end
end

function done(summary, latency, _)
   local errors = summary.errors
   io.write(string.format(
      '\n{"requests": %d, "seconds": %.6f, "bytes": %d, "p50_us": %.1f, "p90_us": %.1f, '
         .. '"p99_us": %.1f, "max_us": %.1f, "errors": {"connect": %d, "read": %d, "write": %d, '
         .. '"status": %d, "timeout": %d}}\n',
      summary.requests, summary.duration / 1e6, summary.bytes,
      latency:percentile(50), latency:percentile(90), latency:percentile(99), latency.max,
      errors.connect, errors.read, errors.write, errors.status, errors.timeout))
end
