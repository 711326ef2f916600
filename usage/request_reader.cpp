#include "usage/request_reader.hpp"

#include <algorithm>
#include <utility>

namespace usage {
namespace {

const json_paths& paths() {
  const auto tag = [](request_member which) { return static_cast<std::uint8_t>(which); };
  static const json_paths instance{
      {"model", tag(request_member::model)},
      {"requestId", tag(request_member::request_id)},
      {"requestType", tag(request_member::request_type)},
      {"request.labels.trajectory_id", tag(request_member::trajectory_id)},
      {"request.labels.last_execution_id", tag(request_member::execution_id)},
      {"conversation", tag(request_member::conversation)},
      {"conversation.id", tag(request_member::conversation_id)},
      {"prompt_cache_key", tag(request_member::prompt_cache_key)},
      {"metadata.session_id", tag(request_member::session_id)},
      {"metadata.sessionId", tag(request_member::metadata_session)},
      {"request.session_id", tag(request_member::request_session)},
      {"user_prompt_id", tag(request_member::user_prompt_id)},
      {"metadata.user_id", tag(request_member::user_id)},
      {"previous_response_id", tag(request_member::previous_response_id)},
      // Where the APIs have the transcript.
      {"messages", 0, selection::watched},
      {"input", 0, selection::watched},
      {"contents", 0, selection::watched},
  };
  return instance;
}

}  // namespace

request_reader::request_reader(std::string_view content_type, std::string_view codings, const account_limits& limits,
                               bool hashed)
    : hasher_(hashed ? std::optional<transcript_hasher>(std::in_place, limits.transcript_key) : std::nullopt),
      scanner_(paths(), *this, std::min(limits.captured_value, request_members::max_name),
               hasher_ ? &*hasher_ : nullptr) {
  auto decoder = content_decoder::make(codings, limits.decoding(), unknown_codings::looked_at);
  if (const auto boundary = net::wire::form_boundary(content_type))
    form_.emplace(*boundary, static_cast<net::wire::form_decoder::sink&>(*this));
  understood_ = decoder.has_value();
  if (decoder.has_value()) decoder_.emplace(std::move(*decoder));
}

void request_reader::feed(std::string_view piece) {
  if (!decoder_) return;
  const auto fed = decoder_->feed(piece, *this);
  if (fed.has_value()) return;
  given_up_ = limit_passed(fed.error());
  understood_ = false;
  decoder_.reset();
}

void request_reader::finish() {
  if (decoder_ && decoder_->finish().has_error()) understood_ = false;
  if (form_) {
    members_.set(request_member::model, model_);
  } else if (!scanner_.finish()) {
    understood_ = false;
  }
}

std::vector<std::uint64_t> request_reader::take_transcript() {
  return hasher_ && understood_ ? hasher_->take_links() : std::vector<std::uint64_t>();
}

void request_reader::on_content(std::string_view piece) {
  if (form_) return void(understood_ = form_->feed(piece) && understood_);
  if (const auto before = mark_.strip(piece); !before.empty() && !scanner_.feed(before)) understood_ = false;
  if (!scanner_.feed(piece)) understood_ = false;
}

void request_reader::on_field(std::string_view name) {
  in_model_ = name == "model";
}

void request_reader::on_value(std::string_view piece) {
  if (in_model_) model_.append(piece.substr(0, request_members::max_name - model_.size()));
}

void request_reader::on_scalar(int tag, json_scanner::scalar kind, std::string_view text) {
  if (kind == json_scanner::scalar::string) members_.set(static_cast<request_member>(tag), text);
}

}  // namespace usage
