#pragma once

// The texts of the bench's origin. They are answers of an OpenAI-compatible provider, so that an interceptor that
// accounts for them has its usual work.

#include <cstdint>
#include <string>
#include <string_view>

#include <zlib.h>

namespace bench {

std::string stream_head(bool gzip);
/// One event of answer `id`, of about 260 bytes, with `stamp` in its text. Each answer needs its own id, because a
/// ledger books an answer only once.
std::string event_text(std::uint64_t id, std::uint64_t stamp);
/// The event with the usage, and [DONE].
std::string last_event(std::uint64_t id);
std::string small_answer(std::uint64_t id);

/// The same of the Responses API, as JSON: the text of a WebSocket's messages, and the data of server-sent events.
std::string response_created(std::uint64_t id);
std::string response_event(std::uint64_t id, std::uint64_t stamp);
std::string response_completed(std::uint64_t id);
/// What each answer that is completed says it has used.
inline constexpr int output_tokens = 34;
/// JSON of the Responses API as a server-sent event, which also has a name there.
std::string server_sent(std::string_view json);

/// A request to the origin. `asked` selects the answer (origin.hpp).
std::string request_for(const std::string& host, std::string_view asked, std::size_t body_bytes = 0);
/// The same to the Responses API.
std::string responses_request_for(const std::string& host, std::string_view asked);
/// The request for a WebSocket to it, and the answer that grants it.
std::string websocket_request_for(const std::string& host, std::string_view asked, bool deflate);
std::string websocket_grant(bool deflate);
/// The client's messages: the first asks for an answer, the second for its end.
inline constexpr std::string_view create_message =
    R"({"type":"response.create","model":"gpt-4o","input":"Say something and go on."})";
inline constexpr std::string_view cancel_message = R"({"type":"response.cancel"})";

/// `data` as a chunk of HTTP/1.1.
std::string chunk(std::string_view data);

/// gzip, flushed after each piece, as providers stream it.
class gzip_stream {
 public:
  gzip_stream();
  ~gzip_stream();
  gzip_stream(const gzip_stream&) = delete;
  gzip_stream& operator=(const gzip_stream&) = delete;

  std::string add(std::string_view piece) { return run(piece, Z_SYNC_FLUSH); }
  std::string finish() { return run({}, Z_FINISH); }

 private:
  std::string run(std::string_view piece, int flush);

  z_stream zip_{};
};

}  // namespace bench
