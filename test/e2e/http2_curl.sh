#!/usr/bin/env bash
# What curl sees of an origin over HTTP/2, heads included. Prints nothing that differs between two runs.
set -uo pipefail

openai=https://api.openai.com
google=https://daily-cloudcode-pa.googleapis.com
anthropic=https://api.anthropic.com

title() { printf '\n== %s\n' "$*"; }
ask() { curl --silent --show-error --max-time 30 --http2 "$@" || echo "curl failed: $?"; }
sum() { sha256sum | cut -c1-64; }
chat() { # ID EXTRA
  echo "{\"model\":\"gpt-sim\",\"stream\":true,\"stream_options\":{\"include_usage\":true},\"messages\":[{\"role\":\"user\",\"content\":\"hi [[sim:id=$1$2]]\"}]}"
}
agent_body() { # ID
  cat <<EOF
{"project":"p","requestId":"agent/c0ffee00-0000-4000-8000-00000000000$1/1750000000000/7ra9/3","request":{"contents":
[{"role":"user","parts":[{"text":"not \"requestId\":\"agent/wrong/1/2/3\" but a prompt [[sim:id=h2-curl-$1]]"}]}],
"labels":{"trajectory_id":"7ra9"}},"model":"gemini-3-flash-agent","userAgent":"antigravity","requestType":"agent"}
EOF
}

title "a plain answer" && ask -i "$openai/"
title "it is HTTP/2" && ask -o /dev/null -w '%{http_version}\n' "$openai/"
title "HTTP/1.1 when only that is offered" && curl --silent --http1.1 -o /dev/null -w '%{http_version}\n' "$openai/"
title "HTTP/1.1 when nothing is offered" && curl --silent --no-alpn -o /dev/null -w '%{http_version}\n' "$openai/"
title "TLS 1.2" && ask --tls-max 1.2 -o /dev/null -w '%{http_version} %{http_code}\n' "$openai/"
title "IPv6" && ask -6 -o /dev/null -w '%{http_version} %{http_code}\n' "$openai/"
title "HEAD" && ask -I "$openai/bytes/1234"
title "204" && ask -i "$openai/status/204"
title "an unknown route" && ask -i "$openai/nowhere"
title "many streams of one connection" &&
  ask -Z --parallel-max 20 -w '%{url} %{num_connects}\n' -o /dev/null "$openai/bytes/[100000-100040]" | awk '{ n += $2; l++ } END { print l, n }'
title "an upload" && head -c 3000000 /dev/zero | ask -i -T - -X POST "$openai/upload"
title "an upload after 100-continue" && head -c 2000000 /dev/zero | ask -H 'Expect: 100-continue' --data-binary @- "$openai/upload"
title "a download" && ask "$openai/bytes/20000000" | sum
for coding in gzip deflate br zstd; do
  title "an event stream in $coding" &&
    chat "h2-curl-$coding" "" | ask --compressed -H "x-sim: $coding=1,events=20" -H 'content-type: application/json' -d @- \
      "$openai/v1/chat/completions" | sum
done
title "an agent's call" &&
  agent_body 1 | ask -i -T - -X POST -H 'content-type: application/json' "$google/v1internal:streamGenerateContent?alt=sse"
title "the same as a JSON array" &&
  agent_body 2 | ask -i --data-binary @- -H 'content-type: application/json' "$google/v1internal:streamGenerateContent"
title "no capacity" && agent_body 4 | ask -i --data-binary @- -H 'x-sim: status=503' "$google/v1internal:streamGenerateContent?alt=sse"
title "countTokens" && agent_body 6 | ask -i --data-binary @- "$google/v1internal:countTokens"
title "a message" && ask -i -H 'content-type: application/json' -d \
  '{"model":"claude-sim","max_tokens":10,"stream":true,"messages":[{"role":"user","content":"hi [[sim:id=h2-curl-a]]"}]}' "$anthropic/v1/messages"
title "a response" && ask -i -H 'content-type: application/json' -d \
  '{"model":"gpt-sim","stream":true,"input":"hi [[sim:id=h2-curl-r]]"}' "$openai/v1/responses"
title "a plain answer again" && ask -i "$openai/"
exit 0
