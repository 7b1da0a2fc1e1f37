-- wrk script: sets method, body and content type from the arguments, prints the summary as JSON.
-- Usage: wrk ... -s wrk.lua URL -- METHOD [BODY_FILE CONTENT_TYPE]
-- Must never define `response`: wrk would then build Lua tables for every answer and measure itself.

function init(arguments)
   wrk.method = arguments[1]
   if arguments[2] then
      local file = assert(io.open(arguments[2], "rb"))
      wrk.body = file:read("*a")
      file:close()
      wrk.headers["Content-Type"] = arguments[3]
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
