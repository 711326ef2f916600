#include "usage/answer_reader.hpp"

#include <algorithm>
#include <utility>

#include "net/text/ascii.hpp"

namespace usage {
namespace {

constexpr std::string_view event_field_starts = "deir:";  // data event id retry, a comment

bool contains(std::string_view text, std::string_view part) noexcept {
  return text.find(part) != text.npos;
}

}  // namespace

std::string content_codings(const net::wire::header_fields& fields) {
  std::string all;
  for (const std::string_view name : {"content-encoding", "transfer-encoding"}) {
    for (const auto& field : fields) {
      if (!net::text::iequals(field.name, name)) continue;
      for (std::string_view list = field.value; !list.empty();) {
        const std::string_view coding = net::text::take_item(list);
        if (coding.empty() || net::text::iequals(coding, "chunked")) continue;
        if (!all.empty()) all += ',';
        all += coding;
      }
    }
  }
  return all;
}

answer_reader::answer_reader(const dialect& terms, call_kind kind, const net::wire::response_head& head,
                             const account_limits& limits)
    : members_(terms),
      scanner_(terms.paths, members_, limits.captured_value),
      events_(*this),
      error_status_(head.status >= 400) {
  for (const header_count& each : terms.headers)
    if (const auto value = head.fields.find(each.name))
      members_.on_scalar(tag(each.which), json_scanner::scalar::number, *value);
  if (kind != call_kind::model && !error_status_) return;  // only the errors of such calls are of interest
  const std::string type = net::text::lowered(head.fields.find("content-type").value_or(""));
  promises_events_ = contains(type, "event-stream");
  if (contains(type, "vnd.amazon.eventstream"))
    messages_ = std::make_unique<eventstream_answer>(terms.paths, members_, limits.captured_value);
  must_be_read_ =
      promises_events_ || messages_ || contains(type, "json") || (kind == call_kind::model && !error_status_);
  auto decoder = content_decoder::make(content_codings(head.fields), limits.decoding(), unknown_codings::looked_at);
  broken_ = decoder.has_error();
  if (decoder.has_value()) decoder_.emplace(std::move(*decoder));
  if (broken_ && must_be_read_) given_up_ = unknown_coding;
}

void answer_reader::feed(std::string_view piece) {
  if (!decoder_) return;
  const auto fed = decoder_->feed(piece, *this);
  if (fed.has_value()) return;
  given_up_ = limit_passed(fed.error());
  if (fed.error() == errc::unsupported && must_be_read_) given_up_ = unknown_coding;
  broken_ = true;
  decoder_.reset();
}

void answer_reader::finish(bool whole) {
  cut_ = !whole;
  if (whole && decoder_ && decoder_->finish().has_error()) broken_ = true;
  if (shape_ == shape::events) events_.finish();
  if (shape_ == shape::json && !scanner_.finish() && whole) broken_ = true;
  if (shape_ == shape::messages) messages_->finish(whole);
  members_.end_document();
}

std::string_view answer_reader::odd() const noexcept {
  if (!readable() || shape_ == shape::undecided) return {};
  if (decoder_ && decoder_->odd()) return "a content coding that is none";
  if (shape_ == shape::json && mark_.found()) return "a byte order mark before JSON";
  return {};
}

void answer_reader::on_content(std::string_view piece) {
  if (const auto before = mark_.strip(piece); !before.empty()) read(before);
  if (!piece.empty()) read(piece);
}

void answer_reader::read(std::string_view piece) {
  if (shape_ == shape::undecided) {
    const std::size_t blanks = std::min(piece.find_first_not_of(" \t\r\n"), piece.size());
    leading_blanks_ += blanks;
    piece.remove_prefix(blanks);
    if (piece.empty()) return;
    decide(piece.front());
  }
  if (shape_ == shape::json) {
    broken_ = !scanner_.feed(piece) || broken_;
  } else if (shape_ == shape::events) {
    events_.feed(piece);
  } else if (shape_ == shape::messages) {
    messages_->feed(piece);
  }
}

std::size_t answer_reader::take_cost() {
  // Few answers begin with blanks; each is checked separately.
  const std::size_t blanks = std::exchange(leading_blanks_, 0) / 2;
  const std::size_t steps = messages_ ? messages_->take_steps() : scanner_.take_steps() + events_.take_lines();
  return (steps + blanks) * net::wire::step_cost;
}

void answer_reader::decide(char first) {
  // The first byte of a message's length: no larger one may come, and no text begins so.
  constexpr char largest_length = 1;
  if (messages_ && first >= 0 && first <= largest_length) {
    shape_ = shape::messages;
    streamed_ = true;
  } else if (first == '{' || first == '[') {
    shape_ = shape::json;
    streamed_ = first == '[' && !error_status_;
  } else if (promises_events_ || contains(event_field_starts, std::string_view(&first, 1))) {
    shape_ = shape::events;
    streamed_ = true;
  } else {
    shape_ = shape::opaque;
    broken_ = broken_ || must_be_read_;
  }
}

void answer_reader::on_data(std::string_view piece) {
  end_.feed(piece);
  scanner_.feed(piece);
}

void answer_reader::on_dispatch(std::string_view event) {
  if (end_.seen()) {
    members_.end_stream();
  } else if (!scanner_.finish() && !cut_) {
    broken_ = true;
  }
  if (event == "error") members_.fail();
  members_.end_document();
  scanner_.reset();
  end_.reset();
}

}  // namespace usage
