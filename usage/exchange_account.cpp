#include "usage/exchange_account.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <utility>

#include "net/text/ascii.hpp"
#include "net/text/decimal.hpp"
#include "net/text/utf8.hpp"
#include "net/wire/body_framing.hpp"
#include "usage/answer_reader.hpp"
#include "usage/answer_row.hpp"
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
    if (const auto thousandfold = net::text::parse_seconds(*value)) return *thousandfold / 1000;
  if (const auto value = fields.find("retry-after")) return net::text::parse_seconds(*value);
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
  bool fetches() const { return !shape.response.empty(); }
  /// A file that holds no answers: nothing of it was to be read.
  bool is_other_file() const { return shape.may_be_else && !(answer && answer->members().has_usage()); }

  const account_limits limits;
  call_shape shape;
  usage_record record;
  std::vector<side_call> sides;
  evidence header;
  std::optional<std::int64_t> retry_delay;
  std::string_view odd_framing;           // a literal
  std::optional<request_reader> request;  // none for calls that are not read
  std::optional<answer_reader> answer;    // none until the response head
};

exchange_account::state::state(std::string_view host, const net::wire::request_head& head, const account_limits& bounds)
    : limits(bounds),
      shape(classify(host, head.method, path_of(head.target), bounds.providers)),
      header(find_evidence(head.fields)) {
  const std::string_view path = path_of(head.target);
  record.host = net::text::lowered(host);
  record.method = head.method;
  record.path = net::utf8::printable(path, usage_record::max_path);
  record.transport = head.major_version == 2 ? transport::h2 : transport::http1;
  record.provider = shape.provider;
  record.kind = shape.kind;
  record.requested_model = shape.model;
  record.attempt = attempt_of(head.fields);
  if (fetches()) record.request_kind = fetch_kind;
  if (shape.kind != call_kind::other)
    request.emplace(head.fields.find("content-type").value_or(""), content_codings(head.fields), limits,
                    may_need_transcript(header, path));
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
    record.streamed = answer->streamed();
    sides = take_usage(record, answer->members());
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
  if (record.response_id.empty()) record.response_id = shape.response;
  if (tells) {
    record.kind = call_kind::model;
  } else {
    clear_usage(record);
    sides.clear();
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
  if (self.record.transport == transport::http1) self.odd_framing = odd_framing(head, self.record.method);
  const call_kind read_as = self.fetches() ? call_kind::model : self.record.kind;
  // A list of answers has errors of its own in it.
  const bool told = read_as == call_kind::model && !(self.shape.terms->adds_up && head.status >= 400);
  self.answer.emplace(told ? *self.shape.terms : errors_only(), read_as, head, self.limits);
}

void exchange_account::response_body(std::string_view piece) {
  state_->record.response_bytes += static_cast<std::int64_t>(piece.size());
  if (state_->answer) state_->answer->feed(piece);
}

bool exchange_account::parsed() const noexcept {
  if (state_->is_other_file()) return true;
  return (!state_->request || state_->request->understood()) && (!state_->answer || state_->answer->understood());
}

std::string_view exchange_account::given_up() const noexcept {
  if (state_->is_other_file()) return {};
  if (state_->answer && !state_->answer->given_up().empty()) return state_->answer->given_up();
  return state_->request ? state_->request->given_up() : std::string_view();
}

std::string_view exchange_account::odd() const noexcept {
  if (!state_->odd_framing.empty() || !state_->answer) return state_->odd_framing;
  return state_->answer->odd();
}

const std::string& exchange_account::path() const noexcept {
  return state_->record.path;
}

usage::provider exchange_account::provider() const noexcept {
  return state_->record.provider;
}

usage_record exchange_account::finish(ending how, std::string_view cause) {
  state& self = *state_;
  self.take_answer(how, cause);
  if (self.fetches()) self.take_fetched();
  attribute(self.record, self.request ? &self.request->members() : nullptr, self.header);
  if (self.record.request_kind.empty()) self.record.request_kind = self.shape.request_kind;
  if (self.request && self.record.attributed_by.empty()) self.record.take_transcript(self.request->take_transcript());
  if (self.record.requested_model.empty() && self.request)
    self.record.requested_model = self.request->members()[request_member::model];
  make_printable(self.record);
  return std::move(self.record);
}

std::vector<usage_record> exchange_account::beside(const usage_record& whole) {
  return side_rows(whole, std::move(state_->sides));
}

}  // namespace usage
