#!/usr/bin/env bash
# A redirect never outlives who needs it, and never catches the service itself.
source "$(dirname "$0")/lib.sh"

begin lifetime
start_usual_origin
run() { in_ns "$redirect" "$@"; }
rules() { in_ns nft list ruleset 2>/dev/null; }
reaches_origin() { as "$1" "$work/origin/origin-ca.pem" curl --silent --show-error --max-time 5 https://api.openai.com/; }

# ---- a service that runs as the user that is redirected

write_config </dev/null
start_service
refused_in_words() { ! run install --user zgservice --port 8742 >"$work/said" 2>&1 && grep -q 'run it as another user' "$work/said"; }
check "the redirect of the very user that the service runs as is not installed" refused_in_words
check "nothing is left of the attempt" fails grep -qi zerogravity <(rules)
# As other tools would.
catch_service() { in_ns nft -f - <<EOF
table inet caught {
  chain out {
    type nat hook output priority -100;
    meta skuid $(id -u zgservice) tcp dport 443 redirect to :8742
  }
}
EOF
}
catch_service
connections() { usage_value 'u["interception"]["connections"]'; }
before=$(connections)
told() { as zgservice "$work/service/bundle.pem" curl --silent --max-time 20 https://api.openai.com/v1/models >"$work/said" 2>&1; grep -q 'came back' "$work/said"; }
check "where it is there all the same, the client is told" told
check "after one connection that came back, and no more" holds "u['interception']['connections'] - $before <= 4"
spliced() { fails as zgservice "$work/origin/origin-ca.pem" curl --silent --max-time 10 "https://$other_host/"; }
check "what is not watched does not go round either" spliced
check "that was one, too" holds "u['interception']['connections'] - $before <= 8"
not_ready() { api /readyz | grep -q "redirect catches the user that this service runs as"; }
check "/readyz says it" not_ready
check "the log says it once" test "$(grep -c 'redirect catches the user that this service runs as' "$work/service.log")" = 1
in_ns nft delete table inet caught
ready_again() { ! not_ready; }
check "once that is put right, /readyz has nothing to say" ready_again
catch_service
kill_service
starts() { in_ns setpriv --reuid zgservice --regid zgservice --clear-groups env -i PATH="$PATH" HOME=/nonexistent \
  timeout 20 "$ZG_BIN" serve --config "$work/config.toml"; }
refuses_to_start() { local code=0; starts >"$work/said" 2>&1 || code=$?; [[ $code == 7 ]] && grep -q 'Run the service as another user' "$work/said"; }
check "a service that finds it at its start says so and does not start" refuses_to_start
in_ns nft delete table inet caught

# ---- scripts/run: the built programs in a copy of the tree, where nothing has to be installed or built

tree=$work/tree
mkdir -p "$tree/build/release"
cp -r "$here/../../scripts" "$tree/"
mkdir -p "$tree/test" && cp -r "$here/../sim" "$tree/test/"
cp "$here/../../CMakePresets.json" "$tree/"
printf '#!/bin/sh\nexit 0\n' | tee "$tree/scripts/install" "$tree/scripts/build" >/dev/null
chmod +x "$tree/scripts/install" "$tree/scripts/build"
ln -s "$ZG_BIN" "$tree/build/release/zerogravity"
ln -s "$ZG_SIM" "$tree/build/release/zerogravity-sim-origin"
cp "$ZG_LANGUAGE_SERVER" "$tree/build/release/zerogravity-sim-language-server"
mkdir "$work/home"

# Sets `script` and `service`.
start_script() {
  : >"$work/run.log"
  (cd "$tree" && exec ip netns exec "$ns" setsid env -i PATH="$PATH" HOME="$work/home" TMPDIR="$work" \
    ASAN_OPTIONS="${ASAN_OPTIONS:-}" TSAN_OPTIONS="${TSAN_OPTIONS:-}" \
    scripts/run --no-language-server --user zgclient --state-dir "$work/home/state" \
    --upstream-ca-file "$work/origin/origin-ca.pem" "$@") >"$work/run.log" 2>&1 &
  script=$!
  children+=("$script")
  await_line "$work/run.log" '^ready' "$script" || { cat "$work/run.log" && return 1; }
  service=$(ip netns pids "$ns" | xargs -r ps -o pid=,args= -p | awk '/zerogravity serve/ { print $1; exit }')
}
intercepts() { as zgclient "$work/home/state/combined-ca.pem" curl --silent --show-error --fail --max-time 10 --output /dev/null \
  -d '{"model":"gpt-sim","messages":[{"role":"user","content":"hi"}]}' https://api.openai.com/v1/chat/completions; }
all_gone() { ! rules | grep -qi zerogravity && ! pgrep -f '^zerogravity-redirect-' >/dev/null; }

for victim in script service both; do
  start_script || { say "scripts/run did not start" && exit 1; }
  check "$victim: scripts/run intercepts its user" intercepts
  case $victim in
    script) kill -KILL "$script" ;;
    service) kill -KILL "$service" ;;
    both) kill -KILL "$service" "$script" ;;
  esac
  check "$victim: after kill -9 the user's HTTPS goes directly again" eventually reaches_origin zgclient
  check "$victim: no rule and no holder is left" eventually all_gone
  wait "$script" 2>/dev/null || true
  eventually fails kill -0 "$service"
done
start_script || { say "scripts/run did not start" && exit 1; }
kill -INT "$script"
code=0
wait "$script" || code=$?
check "Ctrl-C ends it in order" test "$code" = 0
check "with its redirect" all_gone
start_script --set mitm.listen=127.0.0.1:9742 || { say "scripts/run did not start" && exit 1; }
check "a service that listens elsewhere gets its redirect there" intercepts
kill -KILL "$service"
check "which lives no longer" eventually reaches_origin zgclient
wait "$script" 2>/dev/null || true
summary
