#include "app/accounting/usage_recorder.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "app/base/wall_clock.hpp"
#include "app/metrics/loop_probe.hpp"
#include "net/errc.hpp"
#include "net/last_words.hpp"
#include "net/text/utf8.hpp"
#include "usage/socket/websocket_account.hpp"

namespace app {
namespace {

using steady = std::chrono::steady_clock;

std::int64_t ms_since(steady::time_point then) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(steady::now() - then).count();
}

// What the kernel reports for a uid that is not mapped in the reader's user namespace (/proc/sys/kernel/overflowuid).
constexpr std::int64_t many_users = 65'534;

mitm::client_program program_of(const connection_process& process) {
  const auto uid = process.uid == many_users ? std::nullopt : process.uid;
  return {uid, process.executable, {}};
}

/// After such an answer the connection carries a protocol that is not followed.
bool changes_protocol(bool connects, unsigned status) {
  return status == 101 || (connects && status >= 200 && status < 300);
}

/// With TLS 1.3 an alert may come behind the handshake.
bool is_tls_failure(const net::failure& failure) {
  return failure.phase == net::failure::phase_of::handshake || failure.code == net::errc::certificate_rejected ||
         failure.code == net::errc::tls_failure;
}

std::string name_of(const mitm::connection_facts& facts) {
  if (!facts.host.empty()) return facts.host;
  return to_text(facts.destination);
}

std::string label_of(const mitm::connection_facts& facts) {
  return "a request of " + facts.client.address().to_string() + ':' + std::to_string(facts.client.port()) + " to " +
         facts.host;
}

void made_by(usage::usage_record& record, const connection_process& process) {
  record.pid = process.pid;
  record.uid = process.uid;
  record.process_started = process.started;
  record.executable = process.executable;
  record.cgroup = process.cgroup;
}

}  // namespace

/// The turns of one WebSocket.
class usage_recorder::socket_recorder final : public mitm::tunnel_tap, usage::websocket_account::sink {
 public:
  socket_recorder(usage_recorder& recorder, usage::socket_upgrade upgrade, const net::wire::response_head& head,
                  const std::shared_ptr<process_lookup>& who)
      : recorder_(recorder),
        host_(upgrade.record.host),
        path_(upgrade.record.path),
        who_(who),
        account_(std::move(upgrade), head, recorder.limits_, *this) {
    look_whether_read();
  }

  void on_rewritten(const mitm::rewrite_note& note) override {
    account_.rewritten(note.rules, note.changes, note.answered);
  }
  void on_bytes(mitm::side sender, std::string_view bytes) override {
    if (unread_) return void(unread_bytes_ += static_cast<std::int64_t>(bytes.size()));
    sender == mitm::side::downstream ? account_.client_bytes(bytes, now()) : account_.server_bytes(bytes, now());
    look_whether_read();
    if (unread_) recorder_.counters_.tap_detached();
  }
  void on_end(mitm::exchange_outcome, std::string_view) override {
    account_.end(now());
    if (unread_) recorder_.note_unread({host_, path_, 0, unread_bytes_}, mitm::unread::websocket);
  }

 private:
  void on_turn(usage::usage_record&& record, bool parsed) override {
    recorder_.counters_.exchange_seen(record.started_at);
    recorder_.finish(std::move(record), parsed, who_);
  }

  void look_whether_read() {
    if (account_.unread().empty()) return;
    unread_ = true;
    recorder_.cannot_read(host_, path_, account_.unread());
  }

  /// Unix ms of a clock that does not jump while the socket is open.
  std::int64_t now() const { return opened_at_ + ms_since(opened_); }

  usage_recorder& recorder_;
  std::string host_;
  std::string path_;
  std::shared_ptr<process_lookup> who_;
  std::int64_t opened_at_ = unix_ms();
  steady::time_point opened_ = steady::now();
  bool unread_ = false;
  std::int64_t unread_bytes_ = 0;
  usage::websocket_account account_;
};

class usage_recorder::exchange_recorder final : public mitm::exchange_tap {
 public:
  exchange_recorder(usage_recorder& recorder, const std::string& host, std::shared_ptr<process_lookup> who,
                    const net::wire::request_head& head)
      : recorder_(recorder),
        host_(host),
        who_(std::move(who)),
        connects_(head.method == "CONNECT"),
        account_(host, head, recorder.limits_),
        told_(recorder.limits_told_, account_.provider(), head) {
    if (mitm::form_of(head) == mitm::request_form::upgrade)
      upgrade_ = std::make_unique<usage::socket_upgrade>(host, head);
    recorder_.counters_.exchange_seen(started_at_);
  }

  void on_rewritten(const mitm::rewrite_note& note) override { rewrite_ = note; }
  void on_request_body(std::string_view piece) override { account_.request_body(piece); }
  void on_request_end() override { account_.request_end(); }
  void on_response(const net::wire::response_head& head) override {
    first_byte_ms_ = ms_since(started_);
    account_.response(head);
    // An answer of our own tells nothing of the provider.
    if (!rewrite_.answered) told_.on_response(host_, head, unix_ms());
    if (!changes_protocol(connects_, head.status)) return;
    if (upgrade_) {
      socket_ = std::make_unique<socket_recorder>(recorder_, std::move(*upgrade_), head, who_);
    } else {
      recorder_.note_unread({host_, account_.path()}, mitm::unread::upgraded);
    }
  }
  void on_response_body(std::string_view piece) override { account_.response_body(piece); }
  std::unique_ptr<mitm::tunnel_tap> on_tunnel() override { return std::move(socket_); }

  void on_end(mitm::exchange_outcome outcome, std::string_view cause) override {
    auto record = account_.finish(ending_of(outcome), cause);
    record.host = host_;
    record.started_at = started_at_;
    record.first_byte_ms = first_byte_ms_;
    record.duration_ms = ms_since(started_);
    record.rules = rewrite_.rules;
    record.rewrite = rewrite_.changes;
    if (rewrite_.answered) spent_nothing(record);
    told_.on_end(record);
    if (const auto limit = account_.given_up(); !limit.empty()) recorder_.gave_up(record, limit);
    auto beside = rewrite_.answered ? std::vector<usage::usage_record>() : account_.beside(record);
    for (auto& each : beside) recorder_.finish(std::move(each), true, who_);
    if (const auto what = account_.odd(); !what.empty()) recorder_.found_odd(record, what);
    recorder_.finish(std::move(record), account_.parsed() && outcome != mitm::exchange_outcome::detached, who_);
  }

 private:
  usage::ending ending_of(mitm::exchange_outcome outcome) const {
    switch (outcome) {
      case mitm::exchange_outcome::complete:
        return usage::ending::complete;
      case mitm::exchange_outcome::failed:
        return usage::ending::failed;
      // Before any answer there is nothing that could have been interrupted.
      case mitm::exchange_outcome::timed_out:
        return first_byte_ms_ ? usage::ending::interrupted : usage::ending::failed;
      case mitm::exchange_outcome::downstream_aborted:
      case mitm::exchange_outcome::upstream_aborted:
      case mitm::exchange_outcome::detached:
        return usage::ending::interrupted;
    }
    return usage::ending::interrupted;
  }

  usage_recorder& recorder_;
  std::string host_;
  std::shared_ptr<process_lookup> who_;
  bool connects_;
  mitm::rewrite_note rewrite_;
  std::int64_t started_at_ = unix_ms();
  steady::time_point started_ = steady::now();
  std::optional<std::int64_t> first_byte_ms_;
  usage::exchange_account account_;
  exchange_limits told_;
  std::unique_ptr<usage::socket_upgrade> upgrade_;  // null: the request asks for no WebSocket
  std::unique_ptr<socket_recorder> socket_;         // until the tracker takes it
};

class usage_recorder::connection_recorder final : public mitm::connection_observer {
 public:
  connection_recorder(usage_recorder& recorder, const mitm::connection_facts& facts,
                      std::shared_ptr<process_lookup> who)
      : recorder_(recorder), host_(facts.host), label_(label_of(facts)), who_(std::move(who)) {}

  std::unique_ptr<mitm::exchange_tap> on_request(const net::wire::request_head& head) override {
    net::working_on(label_);
    return std::make_unique<exchange_recorder>(recorder_, host_, who_, head);
  }

  void when_program_known(std::function<void(const mitm::client_program&)> done) override {
    if (!who_) return done({});
    who_->when_known([done = std::move(done)](const connection_process& found) { done(program_of(found)); });
  }

 private:
  usage_recorder& recorder_;
  std::string host_;
  std::string label_;  // should the program end over it
  std::shared_ptr<process_lookup> who_;
};

usage_recorder::usage_recorder(row_sink sink, metrics& counters, logger& log, usage::account_limits limits,
                               process_source who, unread_handler tell_unread, session_handler on_session,
                               limit_watch limits_told)
    : sink_(std::move(sink)),
      counters_(counters),
      log_(log),
      limits_(limits),
      who_(std::move(who)),
      tell_unread_(std::move(tell_unread)),
      on_session_(std::move(on_session)),
      limits_told_(std::move(limits_told)) {}

std::unique_ptr<mitm::connection_observer> usage_recorder::on_intercepted(const mitm::connection_facts& facts) {
  return std::make_unique<connection_recorder>(*this, facts, who_ ? who_(facts) : nullptr);
}

void usage_recorder::on_detached(const mitm::connection_facts& facts, std::string_view reason) {
  counters_.tap_detached();
  log_.warn("the tap cannot follow a connection any longer; its bytes go on, unaccounted",
            {{"host", facts.host}, {"reason", reason}});
  note_unread({name_of(facts)}, mitm::unread::detached);
}

void usage_recorder::on_unread(const mitm::connection_facts& facts, mitm::unread why) {
  const auto name = name_of(facts);
  if (!note_unread({.host = name, .program = facts.bypassed}, why)) return;
  log_.warn("connections to this host pass without being read, and nothing of them is accounted",
            {{"host", name}, {"reason", to_string(why)}, {"words", words_for(why)}});
}

bool usage_recorder::note_unread(const unread_part& what, mitm::unread why) {
  const auto now = unix_ms();
  const usage::unread_note note{std::string(what.host),
                                std::string(what.path),
                                std::string(to_string(why)),
                                what.connections,
                                what.bytes,
                                now,
                                now,
                                net::utf8::printable(what.program, usage::max_unread_program)};
  const bool first = counters_.not_read(note, why);
  if (tell_unread_) tell_unread_(note, first);
  return first;
}

void usage_recorder::cannot_read(std::string_view host, std::string_view path, std::string_view why) {
  if (!note_unread({host, path}, mitm::unread::websocket)) return;
  log_.warn("WebSockets to this path pass without being read, and nothing of them is accounted",
            {{"host", host}, {"path", path}, {"reason", why}});
}

void usage_recorder::gave_up(const usage::usage_record& record, std::string_view limit) {
  const bool answer = record.status == usage::record_status::not_read;
  if (answer) note_unread({record.host, record.path, 1, record.response_bytes}, mitm::unread::body);
  const std::string_view words = limit == usage::unknown_coding
                                     ? "a body was not read: its coding is not known"
                                     : "a body was not read to its end: it decodes to too much";
  log_.write(answer ? log_level::warn : log_level::info, words,
             {{"host", record.host},
              {"path", record.path},
              {"limit", limit},
              {"status", to_string(record.status)},
              {"request_bytes", record.request_bytes},
              {"response_bytes", record.response_bytes}});
}

/// Once per host and kind: such a server sends nothing else.
void usage_recorder::found_odd(const usage::usage_record& record, std::string_view what) {
  if (!odd_.first(record.host + '\n' + std::string(what))) return;
  log_.warn("an answer of this host is against the standards; it is read as clients read it",
            {{"host", record.host}, {"path", record.path}, {"what", what}});
}

void usage_recorder::on_rejected(const rejection& what) {
  const auto program = describe(what.program);
  if (what.first) {
    log_.warn(
        "this client does not trust the CA: it refused the certificate made for this host; see `zerogravity ca env`",
        {{"host", what.host}, {"program", program}, {"reason", what.why}});
  }
  if (what.bypassed) {
    log_.warn(
        "this program is bypassed at this host for a while: it refuses our certificates, and nothing is accounted",
        {{"host", what.host}, {"program", program}, {"reason", what.why}});
  }
}

void usage_recorder::on_session_end(const mitm::session_report& report) {
  counters_.session_ended(report);
  if (report.not_read) {
    note_unread({name_of(report.facts),
                 {},
                 0,
                 static_cast<std::int64_t>(report.bytes_up + report.bytes_down),
                 report.facts.bypassed},
                *report.not_read);
  }
  if (on_session_) on_session_(report);
  if (report.failure && report.failure->code == net::errc::came_back) warn_of_loop();
  bool first = true;
  if (report.failure && is_tls_failure(*report.failure)) {
    // A client that cannot have its connection tries again and again.
    first = handshakes_.first(report.facts.host + '\n' + describe(report.program) + '\n' +
                              std::string(to_string(report.failure->side)) + report.failure->code.message());
  }
  log_session_end(log_, report, first);
}

/// Logs at most once a minute: clients try again and again.
void usage_recorder::warn_of_loop() {
  constexpr std::int64_t minute = 60'000;
  auto last = loop_logged_at_.load(std::memory_order_relaxed);
  const auto now = unix_ms();
  if (last != 0 && now >= last && now - last < minute) return;
  if (loop_logged_at_.compare_exchange_strong(last, now)) log_.error(own_traffic_redirected());
}

bool usage_recorder::is_new(const usage::usage_record& record) {
  if (!usage::can_be_fetched(record)) return true;
  const std::lock_guard lock(fetchable_mutex_);
  return fetchable_.see(record).new_usage;
}

void usage_recorder::finish(usage::usage_record&& record, bool parsed, const std::shared_ptr<process_lookup>& who) {
  counters_.exchange_ended(record, parsed, is_new(record));
  if (!who) {
    sink_(std::move(record));
  } else if (const connection_process* known = who->known()) {
    made_by(record, *known);
    sink_(std::move(record));
  } else {
    who->when_known([this, row = std::move(record)](const connection_process& found) mutable {
      made_by(row, found);
      sink_(std::move(row));
    });
  }
}

}  // namespace app
