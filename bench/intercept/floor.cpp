#include "bench/intercept/floor.hpp"

#include <array>
#include <cstdlib>
#include <memory>
#include <utility>

#include "bench/probe/event_loop.hpp"
#include "bench/probe/sockets.hpp"
#include "bench/probe/tls_end.hpp"

namespace bench {
namespace {

std::array<char, 16 * 1024> block;

struct leg {
  std::unique_ptr<tls_end> tls;
  std::string unsent;  // what this end has not accepted yet
  bool shaken = false;
  bool wants_write = true;  // until it is connected
  bool wants_read = true;
  bool read_ended = false;
};

class copied final : public std::enable_shared_from_this<copied> {
 public:
  copied(event_loop& loop, std::unique_ptr<tls_end> client, std::unique_ptr<tls_end> origin) : loop_(loop) {
    client_.tls = std::move(client);
    origin_.tls = std::move(origin);
  }

  void start() {
    self_ = shared_from_this();
    loop_.watch_level(client_.tls->descriptor(), client_ready_, true, true);
    loop_.watch_level(origin_.tls->descriptor(), origin_ready_, true, true);
  }

 private:
  struct ready final : event_loop::handler {
    ready(copied& of, leg copied::* mine, leg copied::* other) : of_(of), mine_(mine), other_(other) {}
    void on_ready() override { of_.progress(of_.*mine_, of_.*other_); }

   private:
    copied& of_;
    leg copied::* mine_;
    leg copied::* other_;
  };

  /// `at` can be read or written.
  void progress(leg& at, leg& other) {
    if (!self_) return;
    const bool were_shaken = at.shaken && other.shaken;
    if (!shake(at) || !shake(other)) return end();
    if (at.shaken && other.shaken) {
      const bool both = !were_shaken || !at.unsent.empty();
      if (!copy(at, other) || (both && !copy(other, at))) return end();
    }
    settle(at, other, &at == &client_ ? client_ready_ : origin_ready_);
    settle(other, at, &at == &client_ ? origin_ready_ : client_ready_);
  }

  bool shake(leg& of) {
    if (of.shaken) return true;
    const io got = of.tls->handshake();
    of.shaken = got == io::moved;
    return got != io::ended;
  }

  /// Updates the watched events, if they have changed.
  void settle(leg& of, const leg& other, ready& handler) {
    const bool read = !of.read_ended && other.unsent.empty() && (!of.shaken || other.shaken);
    const bool write = !of.unsent.empty() || (!of.shaken && SSL_want_write(of.tls->native()));
    if (std::exchange(of.wants_read, read) == read && std::exchange(of.wants_write, write) == write) return;
    of.wants_write = write;
    loop_.watch_level(of.tls->descriptor(), handler, read, write);
  }

  /// False: the connection is over.
  bool copy(leg& from, leg& to) {
    if (!to.unsent.empty()) {
      std::string rest = std::exchange(to.unsent, {});
      if (!put(to, rest)) return false;
    }
    while (!from.read_ended && to.unsent.empty()) {
      std::size_t got = 0;
      const io how = from.tls->read(block, got);
      if (how == io::blocked) break;
      if (how == io::ended) {
        from.read_ended = true;
        to.tls->shutdown();
        break;
      }
      if (!put(to, {block.data(), got})) return false;
      // The loop reports again if there is more, because it watches level-triggered.
      if (got < block.size() && SSL_has_pending(from.tls->native()) == 0) break;
    }
    return !(from.read_ended && to.read_ended);
  }

  static bool put(leg& to, std::string_view bytes) {
    while (!bytes.empty()) {
      std::size_t taken = 0;
      const io how = to.tls->write(bytes, taken);
      if (how == io::ended) return false;
      if (how == io::blocked) {
        to.unsent = bytes;
        return true;
      }
      bytes.remove_prefix(taken);
    }
    return true;
  }

  void end() {
    client_.tls.reset();
    origin_.tls.reset();
    loop_.retire(std::exchange(self_, nullptr));
  }

  event_loop& loop_;
  leg client_;
  leg origin_;
  ready client_ready_{*this, &copied::client_, &copied::origin_};
  ready origin_ready_{*this, &copied::origin_, &copied::client_};
  std::shared_ptr<copied> self_;
};

class acceptor final : public event_loop::handler {
 public:
  acceptor(event_loop& loop, int listener, const floor_setup& setup)
      : loop_(loop),
        listener_(listener),
        setup_(setup),
        server_(server_context(setup.chain_file, setup.key_file)),
        client_(client_context(setup.origin_ca_file)) {
    loop.watch(listener, *this);
  }

  void on_ready() override {
    for (int got = 0; (got = accept_from(listener_)) >= 0;) {
      const int out = connect_to(destination_of(got), 0);
      std::make_shared<copied>(loop_, std::make_unique<tls_end>(got, server_.get(), nullptr),
                               std::make_unique<tls_end>(out, client_.get(), setup_.server_name.c_str()))
          ->start();
    }
  }

 private:
  event_loop& loop_;
  int listener_;
  const floor_setup& setup_;
  context_ptr server_;
  context_ptr client_;
};

}  // namespace

void run_floor(int listener, const floor_setup& setup) {
  event_loop loop;
  acceptor accepting(loop, listener, setup);
  loop.run_forever();
  std::abort();
}

}  // namespace bench
