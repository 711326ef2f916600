#include "usage/eventstream_answer.hpp"

namespace usage {

eventstream_answer::eventstream_answer(const json_paths& paths, answer_members& members, std::size_t captured_value)
    : members_(members),
      plain_(paths, members, captured_value),
      wrapped_(paths, members, captured_value),
      bytes_("bytes") {}

void eventstream_answer::feed(std::string_view piece) {
  if (decoder_.feed(piece, *this).has_error()) understood_ = false;
}

void eventstream_answer::finish(bool whole) {
  if (whole && !decoder_.between_messages()) understood_ = false;
}

void eventstream_answer::on_message(const net::wire::eventstream_headers& headers) {
  ++messages_;
  const std::string_view kind = headers.text(":message-type");
  if (kind == "exception") members_.fail(headers.text(":exception-type"));
  if (kind == "error") members_.fail(headers.text(":error-code"));
  // Events of Converse say what they are here alone.
  if (const auto type = headers.text(":event-type"); !type.empty())
    members_.on_scalar(static_cast<int>(member::type), json_scanner::scalar::string, type);
  const std::string_view form = headers.text(":content-type");
  is_json_ = form.empty() || form.find("json") != form.npos;
}

void eventstream_answer::on_payload(std::string_view piece) {
  if (!is_json_) return;
  // Both see every piece, so that what is read does not depend on how the body was cut.
  if (!plain_.feed(piece)) understood_ = false;
  if (!bytes_.feed(piece, *this)) understood_ = false;
}

void eventstream_answer::on_bytes(std::string_view piece) {
  if (!wrapped_.feed(piece)) understood_ = false;
}

void eventstream_answer::on_message_end() {
  if (!plain_.finish() || !wrapped_.finish()) understood_ = false;
  members_.end_document();
  plain_.reset();
  wrapped_.reset();
  bytes_.reset();
}

}  // namespace usage
