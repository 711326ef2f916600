#!/usr/bin/env bash
# What curl and Python's standard library see of the origin, heads included. Prints nothing that differs between two runs.
set -uo pipefail

here=$(cd "$(dirname "$0")" && pwd)
openai=https://api.openai.com
google=https://daily-cloudcode-pa.googleapis.com

title() { printf '\n== %s\n' "$*"; }
ask() { curl --silent --show-error --max-time 30 --http1.1 "$@" || echo "curl failed: $?"; }
sum() { sha256sum | cut -c1-64; }

agent_body() { # ID
  cat <<EOF
{"project":"p","requestId":"agent/c0ffee00-0000-4000-8000-00000000000$1/1750000000000/7ra9/3","request":{"contents":
[{"role":"user","parts":[{"text":"not \"requestId\":\"agent/wrong/1/2/3\" but a prompt [[sim:id=curl-$1]]"}]}],
"labels":{"trajectory_id":"7ra9"}},"model":"gemini-3-flash-agent","userAgent":"antigravity","requestType":"agent"}
EOF
}

title "a plain answer" && ask -i "$openai/"
title "HEAD" && ask -I "$openai/bytes/1234"
title "204" && ask -i "$openai/status/204"
title "304" && ask -i "$openai/status/304"
title "an unknown route" && ask -i "$openai/nowhere"
title "TLS 1.2" && ask --tls-max 1.2 -i "$openai/"
title "IPv6" && ask -6 -i "$openai/"
title "IPv4" && ask -4 -i "$openai/"
title "keep-alive over several URLs" &&
  ask -w '%{num_connects} new connections\n' "$openai/" "$openai/bytes/10" "$openai/v1/models" -o /dev/null -o /dev/null -o /dev/null
title "upload with a length" && head -c 300000 /dev/zero | ask -i --data-binary @- "$openai/upload"
title "upload in chunks" && head -c 3000000 /dev/zero | ask -i -T - -X POST "$openai/upload"
title "upload after 100-continue" && head -c 2000000 /dev/zero | ask -H 'Expect: 100-continue' --data-binary @- "$openai/upload"
title "download" && ask "$openai/bytes/20000000" | sum
title "download in chunks" && ask -H 'x-sim: no_content_length=1' "$openai/bytes/5000000" | sum
title "download until close" && ask -i -H 'x-sim: close=1' "$openai/bytes/50000" | sum
title "interim answers, chunk extensions, trailers" &&
  ask -i -H 'x-sim: interim=1,ext=1,trailers=1,chunk=5,no_content_length=1' "$openai/"
for coding in gzip deflate br zstd; do
  title "an event stream in $coding" &&
    ask --compressed -H "x-sim: $coding=1,id=curl-$coding" -H 'content-type: application/json' -d \
      '{"model":"gpt-sim","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"hi"}]}' \
      "$openai/v1/chat/completions" | sum
done
title "an agent's call, chunked body" &&
  agent_body 1 | ask -i -T - -X POST -H 'content-type: application/json' "$google/v1internal:streamGenerateContent?alt=sse"
title "the same as a JSON array" &&
  agent_body 2 | ask -i --data-binary @- -H 'content-type: application/json' "$google/v1internal:streamGenerateContent"
title "the same at once" &&
  agent_body 3 | ask -i --data-binary @- -H 'x-sim: tool_use=11,gzip=1' --compressed "$google/v1internal:generateContent" | sum
title "no capacity" && agent_body 4 | ask -i --data-binary @- -H 'x-sim: status=503' "$google/v1internal:streamGenerateContent?alt=sse"
title "no quota, in an array" && agent_body 5 | ask -i --data-binary @- -H 'x-sim: status=429' "$google/v1internal:streamGenerateContent"
title "countTokens" && agent_body 6 | ask -i --data-binary @- "$google/v1internal:countTokens"
title "loadCodeAssist" && ask -i -d '{}' "$google/v1internal:loadCodeAssist"
title "an error in the middle" && agent_body 7 | ask -i --data-binary @- -H 'x-sim: error_mid=1' "$google/v1internal:streamGenerateContent?alt=sse"
title "cut off" && agent_body 8 | ask --data-binary @- -H 'x-sim: cut_after=2,events=9' "$google/v1internal:streamGenerateContent?alt=sse" 2>/dev/null
title "Python" && /usr/bin/python3 "$here/python_client.py"
exit 0
