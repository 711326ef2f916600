#include "usage/socket/websocket_account.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "net/text/ascii.hpp"
#include "net/text/percent.hpp"
#include "net/text/utf8.hpp"
#include "net/wire/websocket_handshake.hpp"
#include "usage/answer_row.hpp"
#include "usage/call_shape.hpp"
#include "usage/trace_id.hpp"

namespace usage {
namespace {

using scalar = json_scanner::scalar;
using net::wire::websocket_decoder;
using net::wire::websocket_opcode;

/// The value of `model` in the query of a request-target.
std::string model_in(std::string_view target) {
  const auto query = target.find('?');
  if (query == target.npos) return {};
  for (std::string_view rest = target.substr(query + 1); !rest.empty();) {
    if (auto field = net::text::take_form_field(rest); field.name == "model") return std::move(field.value);
  }
  return {};
}

net::wire::websocket_limits limits_of(const account_limits& limits) {
  net::wire::websocket_limits of;
  of.message = limits.decoded_body;
  of.ratio = limits.decoded_ratio;
  of.block = limits.decoded_block;
  return of;
}

/// Gemini Live names a model as a resource, models/<model>.
std::string_view without_collection(std::string_view model) {
  constexpr std::string_view collection = "models/";
  const auto at = model.rfind(collection);
  return at == model.npos ? model : model.substr(at + collection.size());
}

/// Empty: the socket can be read.
std::string_view why_unread(const socket_dialect* dialect, const net::wire::result<net::wire::websocket_terms>& terms) {
  if (dialect == nullptr) return "a WebSocket of an unknown API";
  if (terms.has_error() || terms->unknown_extension) return "a WebSocket with an unknown extension";
  if (!terms->subprotocol.empty() && terms->subprotocol != dialect->subprotocol)
    return "a WebSocket with an unknown subprotocol";
  return {};
}

/// The HTTP status that an error event tells; 0: none.
unsigned status_in(const socket_event& event) {
  const std::string_view text = event.find(tag(socket_tag::status));
  unsigned value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && stop == text.data() + text.size() && value >= 400 && value < 600 ? value : 0;
}

}  // namespace

socket_upgrade::socket_upgrade(std::string_view host, const net::wire::request_head& head)
    : header(find_evidence(head.fields)), model(model_in(head.target)) {
  const std::string_view path = path_of(head.target);
  dialect = socket_dialect_of(plain_path(path));
  record.host = net::text::lowered(host);
  record.method = head.method;
  record.path = net::utf8::printable(path, usage_record::max_path);
  record.kind = call_kind::model;
  record.transport = transport::websocket;
  record.streamed = true;
  if (dialect != nullptr) record.provider = dialect->server.family;
}

struct websocket_account::turn {
  turn(const usage_record& shared, const dialect& terms) : record(shared), members(terms) {}

  std::string stream;
  usage_record record;
  answer_members members;
  std::int64_t began = 0;
  bool terminal = false;   // its terminal event has passed
  bool cancelled = false;  // and says that it was cancelled
  bool understood = true;
  bool answered_here = false;
};

/// One direction: the decoder, and the scanner of its messages.
class websocket_account::client_messages final : public websocket_decoder::sink, json_scanner::sink {
 public:
  client_messages(websocket_account& owner, websocket_decoder decoder)
      : decoder_(std::move(decoder)),
        owner_(owner),
        scanner_(owner.upgrade_.dialect->client, *this,
                 std::min(owner.limits_.captured_value, request_members::max_name)) {}

  net::wire::result<void> feed(std::string_view bytes) { return decoder_.feed(bytes, *this); }
  void release() noexcept { decoder_.release(); }

  request_members members;
  std::string type;
  std::string stream;
  bool prewarm = false;

 private:
  void on_message(bool) override {
    members = {};
    type.clear();
    stream.clear();
    prewarm = false;
    scanner_.reset();
  }
  void on_content(std::string_view piece) override { scanner_.feed(piece); }
  void on_message_end(std::uint64_t size) override {
    if (scanner_.finish()) owner_.asked(*this, static_cast<std::int64_t>(size));
  }
  void on_control(websocket_opcode, std::string_view) override {}
  std::size_t take_cost() override { return scanner_.take_steps() * net::wire::step_cost; }

  void on_scalar(int which, scalar kind, std::string_view text) override {
    if (which == tag(socket_tag::generate)) prewarm = kind == scalar::boolean && text == "false";
    if (kind != scalar::string) return;
    if (which == tag(socket_tag::type)) {
      type.assign(text);
    } else if (which == tag(socket_tag::stream)) {
      stream.assign(text);
    } else if (which < tag(socket_tag::type)) {
      members.set(static_cast<request_member>(which), text);
    }
  }
  void on_verbatim(int, std::string_view) override {}

  websocket_decoder decoder_;
  websocket_account& owner_;
  json_scanner scanner_;
};

class websocket_account::server_messages final : public websocket_decoder::sink {
 public:
  server_messages(websocket_account& owner, websocket_decoder decoder)
      : decoder_(std::move(decoder)),
        owner_(owner),
        scanner_(owner.upgrade_.dialect->server.paths, event_, owner.limits_.captured_value) {}

  net::wire::result<void> feed(std::string_view bytes) { return decoder_.feed(bytes, *this); }
  void release() noexcept { decoder_.release(); }

 private:
  void on_message(bool) override {
    event_.clear();
    scanner_.reset();
  }
  void on_content(std::string_view piece) override { scanner_.feed(piece); }
  void on_message_end(std::uint64_t size) override {
    if (scanner_.finish()) {
      owner_.told(event_, static_cast<std::int64_t>(size));
    } else if (!owner_.turns_.empty()) {
      owner_.turns_.front()->understood = false;
    }
  }
  void on_control(websocket_opcode, std::string_view) override {}
  std::size_t take_cost() override { return scanner_.take_steps() * net::wire::step_cost; }

  websocket_decoder decoder_;
  websocket_account& owner_;
  socket_event event_;
  json_scanner scanner_;
};

websocket_account::websocket_account(socket_upgrade upgrade, const net::wire::response_head& head,
                                     const account_limits& limits, sink& turns)
    : upgrade_(std::move(upgrade)), limits_(limits), sink_(turns), session_model_(upgrade_.model) {
  using net::wire::websocket_sender;
  const auto terms = net::wire::parse_websocket_terms(head.fields);
  unread_ = why_unread(upgrade_.dialect, terms);
  if (!unread_.empty()) return;
  upgrade_.record.http_status = head.status;
  upgrade_.record.trace_id = trace_of(head.fields);
  client_ = std::make_unique<client_messages>(
      *this, websocket_decoder(websocket_sender::client, terms->client, limits_of(limits_)));
  server_ = std::make_unique<server_messages>(
      *this, websocket_decoder(websocket_sender::server, terms->server, limits_of(limits_)));
}

websocket_account::~websocket_account() = default;

void websocket_account::client_bytes(std::string_view bytes, std::int64_t now) {
  now_ = now;
  if (unread_.empty() && client_->feed(bytes).has_error())
    give_up("a WebSocket whose client's messages cannot be followed");
}

void websocket_account::server_bytes(std::string_view bytes, std::int64_t now) {
  now_ = now;
  if (unread_.empty() && server_->feed(bytes).has_error())
    give_up("a WebSocket whose server's messages cannot be followed");
  if (turns_.empty()) release();
}

/// A socket is quiet for most of its hour.
void websocket_account::release() noexcept {
  if (client_) client_->release();
  if (server_) server_->release();
}

void websocket_account::rewritten(std::string rules, std::string changes, bool answered) {
  remark_ = {std::move(rules), std::move(changes), answered};
}

void websocket_account::end(std::int64_t now) {
  now_ = now;
  finish_all();
}

void websocket_account::give_up(std::string_view why) {
  if (unread_.empty()) unread_ = why;
  finish_all();
}

/// The turn that an event belongs to: the one with its answer's id, else the oldest of its stream that has none yet.
/// Events in the middle of an answer name no id, and a stream has one answer at a time.
websocket_account::turn* websocket_account::find(const socket_event& event) {
  const std::string_view id = event.find(tag(member::id));
  const std::string_view stream = event.find(tag(socket_tag::stream));
  turn* unnamed = nullptr;
  for (const auto& each : turns_) {
    if (each->stream != stream) continue;
    const std::string& known = each->members.name(member::id);
    if (id.empty() || known == id) return each.get();
    if (unnamed == nullptr && known.empty()) unnamed = each.get();
  }
  return unnamed;
}

/// nullptr: too many are open, and the socket is no longer read.
websocket_account::turn* websocket_account::open(std::string_view stream, std::int64_t size) {
  if (turns_.size() == max_turns) {
    give_up("a WebSocket with too many open turns");
    return nullptr;
  }
  auto& opened = *turns_.emplace_back(std::make_unique<turn>(upgrade_.record, upgrade_.dialect->server));
  opened.stream = stream;
  opened.began = now_;
  opened.record.started_at = now_;
  opened.record.request_bytes = size;
  return &opened;
}

void websocket_account::asked(const client_messages& message, std::int64_t size) {
  rewrite_remark remark = std::exchange(remark_, {});
  if (!unread_.empty()) return;  // since an earlier message of the same bytes
  const socket_dialect& terms = *upgrade_.dialect;
  const std::string_view model = without_collection(message.members[request_member::model]);
  const bool begins = terms.client_begins && (terms.asks.empty() ? model.empty() : message.type == terms.asks);
  if (!begins) {
    if (!model.empty()) session_model_ = model;
    return;
  }
  // Where every message is a part of the same turn, only the first begins it.
  if (terms.asks.empty() && !turns_.empty()) {
    if (!turns_.back()->terminal) {
      turns_.back()->record.request_bytes += size;
      return;
    }
    finish(*turns_.back(), false);
  }
  turn* const opened = open(message.stream, size);
  if (opened == nullptr) return;
  opened->record.rules = std::move(remark.rules);
  opened->record.rewrite = std::move(remark.changes);
  opened->answered_here = remark.answered;
  if (message.prewarm) opened->record.kind = call_kind::prewarm;
  opened->record.requested_model = model;
  // With several conversations on the socket, the message knows better than the request that opened it.
  attribute(opened->record, &message.members, message.stream.empty() ? upgrade_.header : evidence{});
  if (opened->record.attributed_by.empty()) attribute(opened->record, nullptr, upgrade_.header);
}

void websocket_account::told(const socket_event& event, std::int64_t size) {
  if (!unread_.empty()) return;  // since an earlier message of the same bytes
  const socket_dialect& terms = *upgrade_.dialect;
  const std::string_view type = event.find(tag(member::type));
  const auto role = terms.role(type, event.find(tag(socket_tag::turn_complete)) == "true");
  if (role == event_role::side_call) return side_call(event, size);
  turn* its = find(event);
  if (its == nullptr) {
    const std::string_view model = event.find(tag(member::model));
    const bool billed = role == event_role::begins || event.has_usage();
    if (!billed && !model.empty() && !terms.client_begins) session_model_ = model;
    if (!billed) return;
    its = open(event.find(tag(socket_tag::stream)), 0);
    if (its == nullptr) return;
    attribute(its->record, nullptr, upgrade_.header);
  }
  its->record.response_bytes += size;
  if (role == event_role::other) return;
  event.show(its->members);
  if (role == event_role::words && !its->record.first_byte_ms) its->record.first_byte_ms = now_ - its->began;
  if (const unsigned status = status_in(event)) its->record.http_status = status;
  if (role == event_role::ends) {
    its->terminal = true;
    its->cancelled = type == "response.cancelled" || event.find(tag(socket_tag::status)) == "cancelled";
  }
  // Without types, the counts may follow the end of the turn.
  const bool whole = its->terminal && (!type.empty() || its->members.has_usage());
  if (whole) finish(*its, false);
}

/// A call that one event tells whole.
void websocket_account::side_call(const socket_event& event, std::int64_t size) {
  turn* const one = open({}, 0);
  if (one == nullptr) return;
  one->record.response_bytes = size;
  one->record.request_kind = "transcription";
  attribute(one->record, nullptr, upgrade_.header);
  event.show(one->members);
  one->terminal = true;
  finish(*one, false);
}

void websocket_account::finish(turn& one, bool cut) {
  usage_record& record = one.record;
  const answer_members& members = one.members;
  std::vector<usage::side_call> sides = take_usage(record, members);
  if (record.requested_model.empty()) record.requested_model = session_model_;
  if (members.failed()) {
    record.status = record_status::error;
    record.error_reason = members.reason();
    record.retry_delay_ms = members.retry_delay_ms();
  } else if (!cut && members.has_usage()) {
    record.status = record_status::complete;  // also if it was cancelled: its last event counts exactly
  } else {
    record.status = cut || one.cancelled ? record_status::interrupted : record_status::unreported;
  }
  record.duration_ms = now_ - one.began;
  if (one.answered_here) {
    spent_nothing(record);
    sides.clear();
  }
  make_printable(record);
  const bool parsed = one.understood && members.understood();
  auto booked = std::move(record);
  std::erase_if(turns_, [&](const auto& each) { return each.get() == &one; });
  auto beside = side_rows(booked, std::move(sides));
  sink_.on_turn(std::move(booked), parsed);
  for (usage_record& each : beside) sink_.on_turn(std::move(each), true);
}

void websocket_account::finish_all() {
  while (!turns_.empty()) finish(*turns_.front(), !turns_.front()->terminal);
}

}  // namespace usage
