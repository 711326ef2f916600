#pragma once

// A turn that an API request runs: it takes a place on the language server, reports to attribution, and is left in the
// background when the request drops it, however the request ends. Used from the request's strand.

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "app/turns/cascade_evidence.hpp"
#include "app/turns/turn_refusal.hpp"
#include "cascade/stream/turn.hpp"
#include "net/task_group.hpp"

namespace app {

namespace asio = boost::asio;

class live_turn {
 public:
  /// As cascade::turn.
  asio::awaitable<net::result<std::span<const cascade::event>>> next();

  const std::string& cascade_id() const { return turn_.cascade_id(); }
  /// How many steps the cascade has now.
  std::uint32_t steps() const;
  std::uint32_t first_step() const { return turn_.first_step(); }
  const cascade::rpc_failure& failure() const { return turn_.failure(); }

 private:
  friend class turn_starter;

  live_turn(cascade::dispatcher& servers, cascade::turn_place place, cascade::turn_request request,
            std::string request_id, cascade::turn_hooks log, cascade_evidence* evidence);

  cascade::turn_hooks with_begin(cascade::turn_hooks log);
  void report_begin(std::uint32_t first_step);
  void note(const cascade::event& event);
  asio::awaitable<void> leave();

  std::string request_id_;
  cascade_evidence* evidence_;
  std::chrono::steady_clock::time_point begun_{};
  std::optional<std::int64_t> first_token_ms_;
  std::string outcome_ = "abandoned";
  bool begin_reported_ = false;
  cascade::turn turn_;
};

using live_turn_ptr = std::shared_ptr<live_turn>;

class turn_starter {
 public:
  /// All outlive it and every turn; `leaving` is joined before `servers` dies. `evidence` may be null. `log` hears of
  /// every turn's kinds of stream and permissions.
  turn_starter(cascade::dispatcher& servers, net::task_group& leaving, cascade_evidence* evidence,
               cascade::turn_hooks log);

  /// Waits for a place, starts or continues the cascade and sends the message.
  asio::awaitable<boost::system::result<live_turn_ptr, turn_refusal>> begin(cascade::turn_request request,
                                                                            std::string request_id);

 private:
  cascade::dispatcher& servers_;
  net::task_group& leaving_;
  cascade_evidence* evidence_;
  cascade::turn_hooks log_;
};

}  // namespace app
