# The value at a JSON pointer (want), as it is written. JSON is read byte by byte, in POSIX awk.
function skip() { while (p <= n && index(" \t\r\n", substr(s, p, 1)) > 0) p++ }
function name(   start, c) {
    p++; start = p
    while (p <= n) {
        c = substr(s, p, 1)
        if (c == "\\") p += 2
        else if (c == "\"") break
        else p++
    }
    p++
    return substr(s, start, p - start - 1)
}
function value(path,   start, c, key, i) {
    skip(); start = p; c = substr(s, p, 1)
    if (c == "{") {
        p++; skip()
        if (substr(s, p, 1) == "}") p++
        else while (p <= n) {
            skip(); key = name(); gsub(/~/, "~0", key); gsub(/\//, "~1", key)
            skip(); p++
            value(path "/" key)
            skip(); c = substr(s, p, 1); p++
            if (c != ",") break
        }
    } else if (c == "[") {
        p++; skip(); i = 0
        if (substr(s, p, 1) == "]") p++
        else while (p <= n) {
            value(path "/" i); i++
            skip(); c = substr(s, p, 1); p++
            if (c != ",") break
        }
    } else if (c == "\"") name()
    else while (p <= n && index(",]} \t\r\n", substr(s, p, 1)) == 0) p++
    if (path == want && !found) { printf "%s", substr(s, start, p - start); found = 1 }
}
{ s = s $0 "\n" }
END { n = length(s); p = 1; value(""); exit !found }
