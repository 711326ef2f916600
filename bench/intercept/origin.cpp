#include "bench/intercept/origin.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <utility>

#include <spdlog/fmt/fmt.h>

#include "bench/common/process_cost.hpp"
#include "bench/intercept/event_text.hpp"
#include "bench/probe/event_loop.hpp"
#include "bench/probe/sockets.hpp"
#include "bench/probe/tls_end.hpp"
#include "bench/probe/websocket_end.hpp"
#include "net/wire/body_decoder.hpp"
#include "net/wire/head_collector.hpp"

namespace bench {
namespace {

namespace wire = net::wire;

std::array<char, 16 * 1024> block;
const std::string filler(64 * 1024, 'b');

class served final : public event_loop::handler, public std::enable_shared_from_this<served> {
 public:
  served(event_loop& loop, int descriptor, SSL_CTX* context, origin_counters& shared)
      : loop_(loop), tls_(std::make_unique<tls_end>(descriptor, context, nullptr)), shared_(shared) {}

  void start() {
    self_ = shared_from_this();
    loop_.watch(tls_->descriptor(), *this);
  }

  void on_ready() override {
    if (!self_) return;
    if (!shaken_) {
      const io got = tls_->handshake();
      if (got == io::ended) return end();
      if (got == io::blocked) return;
      shaken_ = true;
    }
    if (!flush() || !read()) end();
  }

 private:
  bool read() {
    for (;;) {
      std::size_t got = 0;
      const io how = tls_->read(block, got);
      if (how == io::blocked) return true;
      if (how == io::ended) return false;
      if (!take({block.data(), got})) return false;
    }
  }

  bool take(std::string_view input) {
    while (!input.empty()) {
      if (socket_) {
        if (!socket_->feed(input, {[](std::string_view) {}, [this] { on_message(); }})) return false;
        input = {};
      } else if (in_body_) {
        const auto step = body_.feed(input);
        if (step.has_error()) return false;
        input.remove_prefix(step->consumed);
      } else {
        const auto step = head_.feed(input);
        if (step.has_error()) return false;
        input.remove_prefix(step->consumed);
        if (!step->head.empty() && !begin(step->head)) return false;
      }
      if (in_body_ && body_.done()) {
        in_body_ = false;
        answer();
      }
    }
    return flush();
  }

  bool begin(std::string_view text) {
    const auto parsed = wire::parse_request_head(text);
    if (parsed.has_error()) return false;
    asked_ = parsed->fields.find("x-bench").value_or("small");
    if (wire::is_websocket_upgrade(*parsed)) {
      open_socket(parsed->fields.find("sec-websocket-extensions").has_value());
    } else {
      const auto framing = wire::frame_request(*parsed);
      if (framing.has_error()) return false;
      body_.begin(*framing);
      in_body_ = true;
    }
    head_.release();
    return true;
  }

  void open_socket(bool deflate) {
    wire::websocket_terms agreed;
    agreed.client.on = agreed.server.on = deflate;
    socket_ = std::make_unique<websocket_end>(wire::websocket_sender::server, agreed);
    unsent_ += websocket_grant(deflate);
  }

  void on_message() {
    if (streaming_) {
      left_ = 0;  // the next event is the last
    } else {
      answer();
    }
  }

  void answer() {
    static std::uint64_t answers = 0;
    id_ = ++answers;
    unsigned long long every = 0;
    unsigned long long count = 0;
    unsigned long long phase = 0;
    int gzip = 0;
    const auto asks_for = [&](const char* format) {
      return std::sscanf(asked_.c_str(), format, &every, &count, &gzip, &phase) == 4;
    };
    responses_ = asks_for("responses %llu %llu %d %llu");
    if (responses_ || asks_for("sse %llu %llu %d %llu")) {
      if (!socket_) {
        zip_ = gzip != 0 ? std::make_unique<gzip_stream>() : nullptr;
        unsent_ += stream_head(gzip != 0);
      }
      if (responses_) send_json(response_created(id_));
      left_ = count;
      every_ = every * 1000;
      due_ = monotonic_ns() + phase * 1000;
      streaming_ = true;
      schedule();
    } else if (std::sscanf(asked_.c_str(), "bulk %llu", &count) == 1) {
      unsent_ +=
          fmt::format("HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\ncontent-length: {}\r\n\r\n", count);
      bulk_ = count;
    } else {
      unsent_ += small_answer(id_);
    }
  }

  void schedule() {
    loop_.at(due_, [self = self_] { self->next_event(); });
  }

  void next_event() {
    if (!self_) return;
    if (left_ > 0) {
      --left_;
      due_ += every_;
      if (responses_) {
        send_json(response_event(id_, monotonic_ns()));
      } else {
        send_event(event_text(id_, monotonic_ns()));
      }
      schedule();
    } else {
      streaming_ = false;
      if (responses_) {
        send_json(response_completed(id_));
      } else {
        send_event(last_event(id_));
      }
      if (zip_) unsent_ += chunk(zip_->finish());
      if (!socket_) unsent_ += "0\r\n\r\n";
    }
    if (!flush()) end();
  }

  void send_json(std::string_view json) {
    if (socket_) {
      unsent_ += socket_->text(json);
    } else {
      send_event(server_sent(json));
    }
  }

  void send_event(std::string_view text) { unsent_ += zip_ ? chunk(zip_->add(text)) : chunk(text); }

  bool flush() {
    if (!shaken_) return true;
    for (;;) {
      const bool bulk = unsent_.empty() && bulk_ > 0;
      std::string_view next = bulk ? std::string_view(filler).substr(0, bulk_) : std::string_view(unsent_);
      if (next.empty()) return true;
      std::size_t put = 0;
      const io how = tls_->write(next, put);
      if (how == io::ended) return false;
      if (how == io::blocked) return true;
      if (bulk) {
        bulk_ -= put;
        shared_.bulk_bytes += put;
      } else {
        unsent_.erase(0, put);
      }
    }
  }

  void end() {
    if (streaming_) shared_.last_abort = monotonic_ns();
    tls_.reset();
    loop_.retire(std::exchange(self_, nullptr));
  }

  event_loop& loop_;
  std::unique_ptr<tls_end> tls_;
  origin_counters& shared_;
  bool shaken_ = false;
  bool in_body_ = false;
  wire::head_collector head_{64 * 1024};
  wire::body_decoder body_;
  std::string asked_;
  std::uint64_t id_ = 0;  // of the answer
  std::string unsent_;
  std::uint64_t bulk_ = 0;
  bool responses_ = false;  // events of the Responses API
  bool streaming_ = false;
  std::uint64_t left_ = 0;
  std::uint64_t every_ = 0;
  std::uint64_t due_ = 0;
  std::unique_ptr<gzip_stream> zip_;
  std::unique_ptr<websocket_end> socket_;  // once the connection is one
  std::shared_ptr<served> self_;
};

class acceptor final : public event_loop::handler {
 public:
  acceptor(event_loop& loop, int listener, context_ptr context, origin_counters& shared)
      : loop_(loop), listener_(listener), context_(std::move(context)), shared_(shared) {
    loop.watch(listener, *this);
  }

  void on_ready() override {
    for (int got = 0; (got = accept_from(listener_)) >= 0;) {
      std::make_shared<served>(loop_, got, context_.get(), shared_)->start();
    }
  }

 private:
  event_loop& loop_;
  int listener_;
  context_ptr context_;
  origin_counters& shared_;
};

}  // namespace

void run_origin(int listener, const std::string& chain_file, const std::string& key_file, origin_counters& shared) {
  event_loop loop;
  acceptor accepting(loop, listener, server_context(chain_file, key_file), shared);
  loop.run_forever();
  std::abort();
}

}  // namespace bench
