#pragma once

// Where one generation's server comes from: a process that is launched, one that is attached to, one that is
// discovered. Driven by the supervisor, on its strand: begin(), candidates() until one answers, chosen(), end().
// Changes are announced through the supervisor's condition.

#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>
#include <boost/asio/awaitable.hpp>

#include "cascade/rpc/channel.hpp"

namespace cascade {

class supervisor_source {
 public:
  supervisor_source() = default;
  supervisor_source(const supervisor_source&) = delete;
  supervisor_source& operator=(const supervisor_source&) = delete;
  virtual ~supervisor_source() = default;

  /// Starts or finds the server. Failures show in ended().
  virtual boost::asio::awaitable<void> begin() = 0;

  /// Addresses to try, best first. The certificate may be missing on loopback only.
  virtual boost::asio::awaitable<std::vector<server_address>> candidates() = 0;

  /// The server has said where it listens, so candidates() is worth another call.
  virtual bool announced() const = 0;

  /// This candidate answered.
  virtual void chosen(const server_address& address) = 0;

  /// Why the server is gone, once it is.
  virtual const std::optional<std::string>& ended() const = 0;

  /// Another attempt would fail in the same way.
  virtual bool hopeless() const = 0;

  /// 0 if unknown.
  virtual pid_t pid() const = 0;

  /// Ends what begin() started, a launched process included. Always awaited.
  virtual boost::asio::awaitable<void> end() = 0;
};

}  // namespace cascade
