# What no oracle asks of a history, left out: headers of transport and caching, what is only measured.
# $about says where the file is from; it comes first.
def kept_header:
  .[0] | ascii_downcase | IN(
    "accept", "cache-control", "content-length", "content-security-policy", "date", "referrer-policy",
    "strict-transport-security", "user-agent", "vary", "x-content-type-options", "x-frame-options",
    "host", "connection"
  ) | not;
walk(
  if type == "object" then
    (if has("latency_us") then .latency_us = 0 else . end)
    | (if (.headers | type) == "array" then .headers |= map(select(kept_header)) else . end)
  else . end
)
| map_values({about: $about} + .)
| if has("api") then .api.statements = [] else . end
