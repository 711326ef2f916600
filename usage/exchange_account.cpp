#include "usage/exchange_account.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <utility>

#include "net/text/ascii.hpp"
#include "net/text/utf8.hpp"
#include "usage/answer_reader.hpp"
#include "usage/attribution.hpp"
#include "usage/call_shape.hpp"
#include "usage/fetched_answer.hpp"
#include "usage/request_reader.hpp"
#include "usage/trace_id.hpp"

namespace usage {
namespace {

using net::wire::header_fields;

int attempt_of(const header_fields& fields) {
  const std::string_view text = fields.find("x-stainless-retry-count").value_or("");
  int value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && stop == text.data() + text.size() ? std::max(value, 0) : 0;
}

// A date in Retry-After is ignored, since it means nothing without a clock.
std::optional<std::int64_t> retry_delay_of(const header_fields& fields) {
  if (const auto value = fields.find("retry-after-ms"))
    if (const auto thousandfold = parse_seconds(*value)) return *thousandfold / 1000;
  if (const auto value = fields.find("retry-after")) return parse_seconds(*value);
  return std::nullopt;
}

/// Hashing is for clients that send no id. A language server tells itself what belongs together, and what is embedded
/// is no conversation.
bool may_need_transcript(const evidence& header, std::string_view path) {
  return header.rule.empty() && !path.starts_with("/v1internal:") && !path.ends_with("/embeddings");
}

bool goes_on(std::string_view answer_status) {
  return answer_status == "queued" || answer_status == "in_progress";
}

}  // namespace

struct exchange_account::state {
  state(std::string_view host, const net::wire::request_head& head, const account_limits& bounds);

  record_status status_of(ending how) const;
  void take_answer(ending how, std::string_view cause);
  void take_fetched();
  bool fetches() const { return !fetched.empty(); }

  const account_limits limits;
  usage_record record;
  evidence header;
  std::string fetched;  // the id of the answer that is asked for once more, by the path; empty: none is
  std::optional<std::int64_t> retry_delay;
  std::optional<request_reader> request;  // none for calls that are not read
  std::optional<answer_reader> answer;    // none until the response head
};

exchange_account::state::state(std::string_view host, const net::wire::request_head& head, const account_limits& bounds)
    : limits(bounds), header(find_evidence(head.fields)) {
  const std::string_view path = path_of(head.target);
  const std::string plain = plain_path(path);
  const call_shape shape = classify(host, head.method, plain);
  record.host = net::text::lowered(host);
  record.method = head.method;
  record.path = net::utf8::printable(path, usage_record::max_path);
  record.transport = head.major_version == 2 ? transport::h2 : transport::http1;
  record.provider = shape.provider;
  record.kind = shape.kind;
  record.requested_model = shape.model;
  record.attempt = attempt_of(head.fields);
  fetched = shape.response;
  if (fetches()) record.request_kind = fetch_kind;
  if (shape.kind != call_kind::other)
    request.emplace(content_codings(head.fields), limits, may_need_transcript(header, plain));
}

record_status exchange_account::state::status_of(ending how) const {
  if (how == ending::failed || record.http_status >= 400 || (answer && answer->members().failed()))
    return record_status::error;
  const bool used = answer && answer->members().has_usage();
  // Clients disconnect after the provider's last event without waiting for the end of the body. Nothing is missing
  // then.
  if (used && answer->members().stream_ended()) return record_status::complete;
  if (answer && !answer->given_up().empty()) return record_status::not_read;
  if (how == ending::interrupted) return record_status::interrupted;
  if (!used) return record_status::unreported;
  return answer->readable() ? record_status::complete : record_status::interrupted;
}

void exchange_account::state::take_answer(ending how, std::string_view cause) {
  if (answer) {
    answer->finish(how == ending::complete);
    const answer_members& members = answer->members();
    record.streamed = answer->streamed();
    record.served_model = members.name(member::model);
    record.response_id = members.name(member::id);
    record.tokens = members.tokens();
    record.raw_usage = members.raw_usage();
  }
  record.status = status_of(how);
  if (record.status == record_status::not_read) record.error_reason = answer->given_up();
  if (record.status != record_status::error) return;
  if (answer) {
    record.error_reason = answer->members().reason();
    record.retry_delay_ms = answer->members().retry_delay_ms();
  }
  if (record.error_reason.empty() && how == ending::failed) record.error_reason = cause;
  if (!record.retry_delay_ms) record.retry_delay_ms = retry_delay;
}

/// A fetch is a model call as far as it tells what one has used. Whether that is known already, the ledger knows.
void exchange_account::state::take_fetched() {
  const bool tells = record.http_status < 400 && record.tokens != token_usage{} && answer &&
                     !goes_on(answer->members().name(member::answer_status));
  if (record.response_id.empty()) record.response_id = fetched;
  if (tells) {
    record.kind = call_kind::model;
  } else {
    record.tokens = {};
    record.raw_usage.clear();
    if (record.status == record_status::complete) record.status = record_status::unreported;
  }
}

exchange_account::exchange_account(std::string_view host, const net::wire::request_head& head,
                                   const account_limits& limits)
    : state_(std::make_unique<state>(host, head, limits)) {}

exchange_account::~exchange_account() = default;
exchange_account::exchange_account(exchange_account&&) noexcept = default;

void exchange_account::request_body(std::string_view piece) {
  state_->record.request_bytes += static_cast<std::int64_t>(piece.size());
  if (state_->request) state_->request->feed(piece);
}

void exchange_account::request_end() {
  if (state_->request) state_->request->finish();
}

void exchange_account::response(const net::wire::response_head& head) {
  state& self = *state_;
  self.record.http_status = head.status;
  self.record.trace_id = trace_of(head.fields);
  self.retry_delay = retry_delay_of(head.fields);
  const call_kind read_as = self.fetches() ? call_kind::model : self.record.kind;
  self.answer.emplace(dialect_of(self.record.provider, read_as), read_as, head, self.limits);
}

void exchange_account::response_body(std::string_view piece) {
  state_->record.response_bytes += static_cast<std::int64_t>(piece.size());
  if (state_->answer) state_->answer->feed(piece);
}

bool exchange_account::parsed() const noexcept {
  return (!state_->request || state_->request->understood()) && (!state_->answer || state_->answer->understood());
}

std::string_view exchange_account::given_up() const noexcept {
  if (state_->answer && !state_->answer->given_up().empty()) return state_->answer->given_up();
  return state_->request ? state_->request->given_up() : std::string_view();
}

const std::string& exchange_account::path() const noexcept {
  return state_->record.path;
}

usage_record exchange_account::finish(ending how, std::string_view cause) {
  state& self = *state_;
  self.take_answer(how, cause);
  if (self.fetches()) self.take_fetched();
  attribute(self.record, self.request ? &self.request->members() : nullptr, self.header);
  if (self.request && self.record.attributed_by.empty()) self.record.take_transcript(self.request->take_transcript());
  if (self.record.requested_model.empty() && self.request)
    self.record.requested_model = self.request->members()[request_member::model];
  make_printable(self.record);
  return std::move(self.record);
}

}  // namespace usage
