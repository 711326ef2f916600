#!/usr/bin/env bash
# A damaged state says so and loses nothing: the service starts wherever a row can be written at all, streams go on, what
# is wrong stands in the log and in /readyz with the command that mends it, and the rows are in the ledger afterwards.
source "$(dirname "$0")/lib.sh"

begin state
command -v sqlite3 >/dev/null || skip "needs sqlite3"
start_usual_origin
write_config <<EOF
[ledger]
queue = 64
EOF
state=$work/service/state
ledger=$state/usage.db
redirect_client

ledger_does() { in_ns setpriv --reuid zgservice --regid zgservice --clear-groups "$ZG_BIN" ledger "$@" --state-dir "$state"; }
rows_in() { sqlite3 "$1" 'SELECT count(*) FROM exchanges'; }
has_rows() { [[ $(rows_in "$1") == "$2" ]] || { say "$1 has $(rows_in "$1") rows"; return 1; }; }
sees_rows() { eventually holds "u['totals']['requests'] == $1"; }
said() { grep -F -- "$1" "$work/service.log"; }
ready_is() { # ok|failed WORDS
  holds "any(d['name'] == 'ledger' and d['status'] == '$1' and '$2' in d['reason'] for d in u['dependencies'])" /readyz
}
stop_service() {
  stopped=0
  kill -TERM "$service_pid" && wait "$service_pid" || stopped=$?
}
is_status() { [[ $stopped == "$1" ]] || { say "exit status $stopped"; return 1; }; }

# `begun N`: a state directory whose ledger holds N rows; nothing runs.
begun() {
  rm -rf "$state"
  start_service
  local i
  for ((i = 0; i < $1; i++)); do call_model "begun-$RANDOM-$i" >/dev/null; done
  sees_rows "$1" >/dev/null
  stop_service
  : >"$work/service.log"
}

# Starting is refused: the exit status, and every word of the reason.
refuses() { # STATUS WORD…
  local status=$1 code=0 word
  shift
  in_ns setpriv --reuid zgservice --regid zgservice --clear-groups env -i PATH="$PATH" HOME=/nonexistent \
    timeout 20 "$ZG_BIN" serve --config "$work/config.toml" "${refuse_options[@]}" >"$work/refused" 2>&1 || code=$?
  cat "$work/refused"
  [[ $code == "$status" ]] || { say "exit status $code"; return 1; }
  for word in "$@"; do grep -qF -- "$word" "$work/refused" || { say "it does not say: $word"; return 1; }; done
}
refuse_options=()

# ---- ledgers that cannot be used as they are: NAME, how it is damaged, what is said, rows after the repair

goes_on() { # NAME WORDS
  start_service
  check "$1: the service starts, says what is wrong and what to do" eventually said "$2"
  check "$1: streams go on" call_model "during-$RANDOM"
  check "$1: /readyz is not ready, for this reason" ready_is failed "$2"
  check "$1: the new row is there to be read" sees_rows 1
  check "$1: the answer tells that it is not all" holds "'notice' in u"
}

repairs() { # NAME ROWS: while it runs
  check "$1: the repair keeps every row" ledger_does repair
  sleep 1.1
  check "$1: a call afterwards" call_model "after-$RANDOM"
  check "$1: all rows are together again without a restart" sees_rows "$2"
  check "$1: /readyz is ready" eventually ready_is ok ''
  check "$1: nothing is left to be said by check" ledger_does check
  stop_service
  check "$1: the exit status is 0" is_status 0
}

begun 3
sqlite3 "$ledger" 'DROP TABLE rollup_hour'
goes_on "a missing table" "rollup_hour is missing"
repairs "a missing table" 5
check "a missing table: the damaged file is there under another name" bash -c "ls $ledger.damaged-*"

begun 3
sqlite3 "$ledger" 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
head -c 4096 /dev/urandom | dd of="$ledger" conv=notrunc status=none
goes_on "a garbled first page" "run: zerogravity ledger repair"
check "a garbled first page: export finds its rows" test "$(ledger_does export 2>/dev/null | wc -l)" = 3
repairs "a garbled first page" 5

begun 3
truncate -s 30000 "$ledger"
goes_on "a truncated ledger" "run: zerogravity ledger repair"
check "a truncated ledger: what can be read is kept" ledger_does repair
stop_service

begun 3
sqlite3 "$ledger" 'PRAGMA user_version = 2'
goes_on "a half-migrated ledger" "run: zerogravity ledger repair"
repairs "a half-migrated ledger" 5

begun 3
sqlite3 "$ledger" 'PRAGMA user_version = 99'
goes_on "a newer ledger" "update zerogravity"
check "a newer ledger: it is not repaired" fails ledger_does repair
check "a newer ledger: its rows can be exported" test "$(ledger_does export --format csv | wc -l)" = 4
stop_service
sqlite3 "$ledger" "PRAGMA user_version = $(sqlite3 "$ledger.pending" 'PRAGMA user_version')"
start_service
check "a newer ledger: with the right program the rows come over" sees_rows 4
stop_service

begun 3
rm "$ledger"* && sqlite3 "$ledger" 'CREATE TABLE notes (text)' && chown zgservice "$ledger"
goes_on "another program's database" "not a zerogravity ledger"
check "another program's database: it is left alone" test "$(sqlite3 "$ledger" .tables)" = notes
stop_service

begun 3
chown root "$ledger"
goes_on "root's ledger" "belongs to root (uid 0), mode 0600"
check "root's ledger: the command that mends it is there" said "run: sudo chown zgservice $ledger"
chown zgservice "$ledger"
sleep 1.1
call_model "after-chown" >/dev/null
check "root's ledger: once mended, all rows are together without a restart" sees_rows 5
stop_service

begun 3
touch "$ledger-shm" && chmod 0600 "$ledger-shm"
goes_on "root's index of the log" "$ledger-shm belongs to root (uid 0), mode 0600"
rm "$ledger-shm"
sleep 1.1
call_model "after-removal" >/dev/null
check "root's index of the log: once it is gone, all rows are together without a restart" sees_rows 5
stop_service

begun 3
rm "$ledger"* && mkdir "$ledger" && chown zgservice "$ledger"
goes_on "a directory in its place" "a directory"
stop_service

begun 3
rm "$ledger"* && mkfifo "$ledger" && chown zgservice "$ledger"
goes_on "a pipe in its place" "a named pipe"
stop_service

begun 3
chmod 0400 "$ledger"
touch "$ledger-shm" && chown zgservice "$ledger-shm" && chmod 0400 "$ledger-shm"
start_service
check "a read-only ledger of its own user, and a read-only -shm, are mended: a call" call_model mended
check "… and the row is in it" sees_rows 4
check "… and /readyz is ready" ready_is ok ''
stop_service

begun 3
mkdir "$state/elsewhere" && chown zgservice "$state/elsewhere"
mv "$ledger" "$state/elsewhere/real.db" && ln -s "$state/elsewhere/real.db" "$ledger" && chown -h zgservice "$ledger"
start_service
call_model linked >/dev/null
check "a linked ledger is followed" sees_rows 4
check "… and stays a link" test -L "$ledger"
stop_service

begun 3
ln -s /nonexistent/usage.db "$state/link" && mv "$state/link" "$ledger"
chown -h zgother "$ledger"
goes_on "another user's link in its place" "symbolic link"
stop_service

# ---- while it runs

begun 3
start_service
rm "$ledger" "$ledger"-*
check "deleted while running: /readyz says so" eventually ready_is failed "is missing"
check "deleted while running: a call" call_model deleted
check "deleted while running: it is written again with every row" sees_rows 4
check "deleted while running: the log says so" eventually said "was deleted while in use"
stop_service
check "deleted while running: the rows are in the file" has_rows "$ledger" 4

begun 3
start_service
cp "$ledger" "$state/backup" && rm "$ledger-wal" "$ledger-shm" && chown zgservice "$state/backup" && mv "$state/backup" "$ledger"
call_model replaced >/dev/null
check "replaced while running: no row is lost" sees_rows 4
check "replaced while running: the log says so" eventually said "was replaced by another file"
stop_service
check "replaced while running: check finds nothing" ledger_does check

begun 3
start_service
: >"$ledger"
call_model emptied >/dev/null
check "emptied while running: the row is written beside it" sees_rows 1
check "emptied while running: /readyz says so" ready_is failed "was cut to 0 bytes"
stop_service

begun 3
start_service
chmod 0400 "$ledger" "$ledger-wal"
call_model read-only >/dev/null
check "made read-only while running: no row is lost" sees_rows 4
stop_service

begun 150 # enough pages that one of them is not the root of something
page=$(sqlite3 "$ledger" "SELECT max(rootpage) FROM sqlite_schema WHERE name = 'exchanges_conversation'")
head -c 4000 /dev/zero | tr '\0' '\377' | dd of="$ledger" bs=4096 seek=$((page - 1)) conv=notrunc status=none
start_service
check "damaged pages are found soon after the start" eventually ready_is failed "is damaged"
call_model pages >/dev/null
check "damaged pages: the row is written beside it" sees_rows 1
repairs "damaged pages" 152

# ---- disks

disk() { # SIZE
  rm -rf "$state" && mkdir "$state"
  mount -t tmpfs -o "size=$1,uid=$(id -u zgservice),gid=$(id -g zgservice),mode=755" none "$state"
}
at_end() { umount -l "$state" 2>/dev/null || true; }

disk 64k
refuse_options=(--bundle-file "$state/bundle.pem")
check "… with the file, the room and the key" refuses 6 "$state/bundle.pem" "KiB are free" "mitm.bundle_file"
refuse_options=()
start_service
check "a disk of 64 KiB at start: the service starts" eventually said "the disk is full"
check "… streams go on" call_model small-disk
check "… /readyz says that rows wait" ready_is failed "the disk is full"
mount -o remount,size=20m "$state"
check "… and with room the row is written" sees_rows 1
stop_service
umount "$state"

disk 600k
start_service
for i in $(seq 30); do call_model "full-$i" >/dev/null; done
head -c 10000000 /dev/zero >"$state/filler" 2>/dev/null || true
for i in $(seq 40); do call_model "full-more-$i" >/dev/null; done
check "a full disk: streams go on, and /readyz says why rows wait" eventually ready_is failed "the disk is full"
rm "$state/filler"
mount -o remount,size=20m "$state"
check "a full disk: with room every row is written" sees_rows 70
check "a full disk: /readyz is ready again" ready_is ok ''
head -c 40000000 /dev/zero >"$state/filler" 2>/dev/null || true
for i in $(seq 100); do call_model "lost-$i" >/dev/null; done
check "more rows than may wait: the loss is said at once, with its count" eventually said "usage rows are lost"
check "… and in /readyz" ready_is failed "rows are lost since the start"
stop_service
check "… and the exit status says it" is_status 8
check "… and the end says how many" said '"rows_since_start"'
umount "$state"

# ---- what cannot begin

rm -rf "$state" && mkdir "$state" && chown zgservice "$state" && chmod 0500 "$state"
check "a state directory that its user cannot write names mode and command" \
  refuses 6 "$state" "mode 0500" "zgservice" "chmod u+rwx $state"
chown root "$state" && chmod 0755 "$state"
check "root's state directory names owner and command" refuses 6 "belongs to root (uid 0)" "sudo chown"
rm -rf "$state" && : >"$state"
check "a file in its place" refuses 6 "$state" "state_dir"
rm -f "$state"

# ---- rows that an older version has booked wrong

verify() { in_ns timeout --kill-after=5 60 "$ZG_BIN" usage verify "$@"; }
begun 3
wrong=$(sqlite3 "$ledger" 'SELECT min(id) FROM exchanges')
booked=$(sqlite3 "$ledger" "SELECT output_total FROM exchanges WHERE id = $wrong")
start_service
check "rows that are booked as they are read are verified" eventually verify
stop_service
# To a reader that has missed 1000 tokens, sums and row agree; only the object tells.
sqlite3 "$ledger" "UPDATE exchanges SET raw_usage = json_set(raw_usage, '\$.completion_tokens', $booked + 1000,
  '\$.total_tokens', raw_usage ->> '\$.total_tokens' + 1000) WHERE id = $wrong;
  DELETE FROM watermarks WHERE name LIKE 'verified%'"
right=$((booked + 1000))
sum=$(sqlite3 "$ledger" "SELECT output_total FROM rollup_total WHERE dimension = 'all'")
start_service
check "a row that was booked wrong fails the check" fails verify
check "… and is told with both counts" grep -qE "row $wrong .*output_tokens $booked -> $right" <(verify)
check "… as JSON, too" "$python" -c 'import json, sys; sys.exit(json.load(sys.stdin)["ledger"]["differing"] != 1)' < <(verify --json)
check "… and is corrected" verify --apply
check "the row is what it should be" row "r['id'] == $wrong and r['output_tokens'] == $right and r['corrected_at']"
check "… and so are the sums" holds "u['totals']['output_tokens'] == $((sum + 1000))"
check "what it was is kept" test "$(sqlite3 "$ledger" "SELECT before ->> '\$.output_total' FROM corrections")" = "$booked"
check "nothing differs any more" verify
stop_service
check "the sums are those of the rows" ledger_does check

begun 1
rm "$state/ca-key.pem"
before=$(sha256sum "$state/ca.pem")
check "a missing CA key is refused with the two ways out" \
  refuses 6 "$state/ca-key.pem is missing" "restore it from a backup" "zerogravity ca rotate"
check "… and nothing was replaced" test "$before" = "$(sha256sum "$state/ca.pem")"
begun 1
rm "$state/ca.pem"
start_service
check "a missing CA certificate is written again from the key's file, and said" eventually said "ca.pem was missing"
stop_service
begun 1
: >"$state/ca-key.pem"
check "an empty CA key names the ways out" refuses 6 "$state/ca-key.pem" "restore it from a backup" "zerogravity ca rotate"
begun 1
openssl ecparam -name prime256v1 -genkey -noout -out "$work/other.key" 2>/dev/null
cat "$work/other.key" "$state/ca.pem" >"$work/mixed" && cat "$work/mixed" >"$state/ca-key.pem"
check "a CA key of another certificate names the ways out" refuses 6 "not that of the certificate" "zerogravity ca rotate"
begun 1
chmod 0644 "$state/ca-key.pem"
check "a CA key that others can read names owner, mode and command" \
  refuses 6 "belongs to zgservice" "mode 0644" "chmod 600 $state/ca-key.pem"
begun 1
chown root "$state/ca-key.pem"
check "root's CA key names owner, mode and command" \
  refuses 6 "$state/ca-key.pem" "belongs to root (uid 0), mode 0600" "sudo chown zgservice $state/ca-key.pem"
begun 1
refuse_options=(--set mitm.upstream_ca_file=/nonexistent.pem)
check "a PEM file that is missing names its key" refuses 6 "/nonexistent.pem: No such file or directory (mitm.upstream_ca_file)"
refuse_options=(--set mitm.system_ca_file=/nonexistent.pem)
check "… each its own" refuses 6 "/nonexistent.pem: No such file or directory (mitm.system_ca_file)"
summary
