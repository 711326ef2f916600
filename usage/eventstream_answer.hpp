#pragma once

// Reads an answer that is an AWS event stream, as Amazon Bedrock sends it: each message is a document of JSON, or wraps
// one of the model's own events in base64. An exception ends such a stream after its status 200. The answer reader
// drives it.
//
//   InvokeModelWithResponseStream:  chunk {"bytes":"<base64 of the model's event>","p":"…"}
//   ConverseStream:                 metadata {"usage":{…}}

#include <cstddef>
#include <string_view>
#include <utility>

#include "net/wire/eventstream_decoder.hpp"
#include "usage/answer_members.hpp"
#include "usage/json/json_scanner.hpp"
#include "usage/json/wrapped_bytes.hpp"

namespace usage {

class eventstream_answer final : net::wire::eventstream_decoder::sink, wrapped_bytes::sink {
 public:
  /// Both references outlive this. `captured_value` as json_scanner has it.
  eventstream_answer(const json_paths& paths, answer_members& members, std::size_t captured_value);
  eventstream_answer(const eventstream_answer&) = delete;
  eventstream_answer& operator=(const eventstream_answer&) = delete;

  void feed(std::string_view piece);
  /// The stream ended. What has come of a last message that was cut counts.
  void finish(bool whole);

  /// False once a message was damaged, or was not the JSON that it should be.
  bool understood() const noexcept { return understood_; }

  /// As answer_reader has it.
  std::size_t take_steps() { return plain_.take_steps() + wrapped_.take_steps() + std::exchange(messages_, 0); }

 private:
  void on_message(const net::wire::eventstream_headers& headers) override;
  void on_payload(std::string_view piece) override;
  void on_message_end() override;
  void on_bytes(std::string_view piece) override;

  answer_members& members_;
  net::wire::eventstream_decoder decoder_;
  json_scanner plain_;    // of the payload as it is
  json_scanner wrapped_;  // of the event that it wraps
  wrapped_bytes bytes_;
  bool is_json_ = true;
  bool understood_ = true;
  std::size_t messages_ = 0;
};

}  // namespace usage
