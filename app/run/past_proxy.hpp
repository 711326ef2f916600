#pragma once

// Names the programs that bypass the proxy of a run. A program that ignores HTTPS_PROXY is not intercepted, but the
// kernel reports every connect() of the command and its children (seccomp_unotify(2)), and then continues the call
// unchanged. The filter needs no privilege. An unprivileged process must give up set-user-ID programs for it
// (no_new_privs), as it must in a private network.

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "net/descriptor.hpp"

namespace app::run {

/// The last step of the process that becomes the command. From now on, the holder of the returned descriptor learns of
/// its connect() calls. Invalid: this kernel cannot do that.
net::descriptor tell_of_connections();

/// A program that connected to port 443 directly.
struct direct_program {
  std::string executable;
  std::string address;  // of its first connection
};

class past_proxy {
 public:
  static constexpr std::size_t max_programs = 64;  // further ones are not named

  /// `notifications`: from tell_of_connections(). `on_first` is called once per program, on this object's thread.
  past_proxy(net::descriptor notifications, std::function<void(const direct_program&)> on_first);
  ~past_proxy();
  past_proxy(const past_proxy&) = delete;
  past_proxy& operator=(const past_proxy&) = delete;

  std::vector<direct_program> programs() const;

 private:
  void listen();
  void answer_one();
  void note(std::uint32_t process, std::uint64_t address_at, std::uint64_t length);

  net::descriptor notifications_;
  net::descriptor stop_;
  std::function<void(const direct_program&)> on_first_;
  mutable std::mutex mutex_;  // guards programs_
  std::vector<direct_program> programs_;
  std::thread listening_;
};

}  // namespace app::run
