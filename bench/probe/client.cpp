#include "bench/probe/client.hpp"

#include <array>
#include <stdexcept>
#include <utility>

#include <sys/socket.h>

#include "bench/common/process_cost.hpp"
#include "bench/probe/plain_end.hpp"
#include "bench/probe/sockets.hpp"
#include "bench/probe/tls_end.hpp"

namespace bench {
namespace {

namespace wire = net::wire;

std::array<char, 64 * 1024> block;
std::array<char, 64 * 1024> inflated;

}  // namespace

std::shared_ptr<client> client::open(event_loop& loop, const route& to, SSL_CTX* context, listener told,
                                     SSL_SESSION* resumed) {
  const std::shared_ptr<client> made(new client(loop, std::move(told)));
  made->began = monotonic_ns();
  const int descriptor = connect_to(to.origin, to.mark);
  if (context == nullptr) {
    made->end_ = std::make_unique<plain_end>(descriptor);
  } else {
    auto tls = std::make_unique<tls_end>(descriptor, context, to.host.c_str());
    if (resumed != nullptr) SSL_set_session(tls->native(), resumed);
    made->ssl_ = tls->native();
    made->end_ = std::move(tls);
  }
  made->self_ = made;
  loop.watch(descriptor, *made);
  return made;
}

void client::send(std::string request) {
  waiting_ = true;
  first_byte_ = false;
  unsent_ = std::move(request);
  sent_ = 0;
  if (!flush()) end();
}

void client::close(bool abort) {
  if (!self_) return;
  if (abort) {
    const linger reset{1, 0};
    ::setsockopt(end_->descriptor(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  } else {
    end_->shutdown();
  }
  ssl_ = nullptr;
  end_.reset();
  loop_.retire(std::exchange(self_, nullptr));
}

void client::on_ready() {
  if (!self_) return;
  const auto alive = self_;
  if (!shaken_ && !shake()) return end();
  if (shaken_ && self_ && (!flush() || !read())) end();
}

bool client::shake() {
  const io got = end_->handshake();
  shaken_ = got == io::moved;
  if (shaken_ && told_.on_open) told_.on_open(*this);
  return got != io::ended;
}

bool client::flush() {
  while (shaken_ && sent_ < unsent_.size()) {
    std::size_t put = 0;
    const io how = end_->write(std::string_view(unsent_).substr(sent_), put);
    if (how == io::ended) return false;
    if (how == io::blocked) return true;
    sent_ += put;
  }
  return true;
}

bool client::read() {
  while (self_ && !paused_) {
    std::size_t got = 0;
    const io how = end_->read(block, got);
    if (how == io::blocked) return true;
    if (how == io::ended) return false;
    if (!std::exchange(first_byte_, true) && told_.on_first_byte) told_.on_first_byte(*this);
    if (!take({block.data(), got})) return false;
  }
  return true;
}

bool client::take(std::string_view input) {
  while (!input.empty() && self_) {
    if (socket_) return socket_->feed(input, {[this](std::string_view piece) { take_body(piece); }, [] {}});
    const auto used = in_body_ ? body_.feed(input) : wire::result<wire::body_decoder::step>(wire::body_decoder::step{});
    if (used.has_error()) return false;
    input.remove_prefix(used->consumed);
    if (!used->body.empty()) take_body(used->body);
    if (!in_body_) {
      const auto head = head_.feed(input);
      if (head.has_error()) return false;
      input.remove_prefix(head->consumed);
      if (!head->head.empty() && !take_head(head->head)) return false;
    }
    if (!self_ || !in_body_ || !body_.done()) continue;
    in_body_ = waiting_ = false;
    if (told_.on_answered) told_.on_answered(*this);
  }
  return true;
}

bool client::take_head(std::string_view text) {
  const auto parsed = wire::parse_response_head(text);
  if (parsed.has_error()) return false;
  if (parsed->status == 101) return upgrade(*parsed);
  if (parsed->status != 200) return false;
  const auto framing = wire::frame_response(*parsed, "POST");
  if (framing.has_error()) return false;
  unzip_.reset();
  if (parsed->fields.find("content-encoding") == "gzip") {
    constexpr int gzip_window = 15 + 16;
    unzip_.reset(new z_stream{});
    if (inflateInit2(unzip_.get(), gzip_window) != Z_OK) throw std::bad_alloc();
  }
  body_.begin(*framing);
  in_body_ = true;
  head_.release();
  return true;
}

bool client::upgrade(const wire::response_head& head) {
  const auto agreed = wire::parse_websocket_terms(head.fields);
  if (agreed.has_error()) return false;
  socket_ = std::make_unique<websocket_end>(wire::websocket_sender::client, *agreed);
  head_.release();
  if (told_.on_upgraded) told_.on_upgraded(*this);
  return true;
}

void client::take_body(std::string_view piece) {
  if (!told_.on_body || !self_) return;
  if (!unzip_) return told_.on_body(*this, piece);
  unzip_->next_in = reinterpret_cast<Bytef*>(const_cast<char*>(piece.data()));
  unzip_->avail_in = static_cast<uInt>(piece.size());
  while (unzip_ && unzip_->avail_in > 0) {
    unzip_->next_out = reinterpret_cast<Bytef*>(inflated.data());
    unzip_->avail_out = static_cast<uInt>(inflated.size());
    if (const int got = inflate(unzip_.get(), Z_SYNC_FLUSH); got != Z_OK && got != Z_STREAM_END) break;
    told_.on_body(*this, {inflated.data(), inflated.size() - unzip_->avail_out});
  }
}

void client::end() {
  if (!self_) return;
  const auto alive = self_;
  close(true);
  if (told_.on_closed) told_.on_closed(*this);
}

}  // namespace bench
