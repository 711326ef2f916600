#pragma once

// A supervisor over small scripts that stand for a language server. Whether they answer their heartbeat is said by the
// test, or by a file that the script makes; nothing listens.

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <unistd.h>

#include "cascade/supervisor/supervisor.hpp"
#include "test/cascade/strand_runner.hpp"

namespace cascade_test {

/// What a hook was called with, for the test's thread to wait on.
template <class T>
class recorded {
 public:
  void add(T item) {
    {
      std::lock_guard lock(mutex_);
      items_.push_back(std::move(item));
    }
    added_.notify_all();
  }

  std::vector<T> all() const {
    std::lock_guard lock(mutex_);
    return items_;
  }

  /// Waits for an item that is as wanted.
  bool wait_for(const std::function<bool(const T&)>& wanted) {
    std::unique_lock lock(mutex_);
    return added_.wait_for(lock, patience, [&] { return std::ranges::any_of(items_, wanted); });
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable added_;
  std::vector<T> items_;
};

/// /bin/sh as the server; the script may use the placeholders.
inline cascade::launch_server shell_server(std::string script) {
  cascade::launch_server wanted;
  wanted.command = {"/bin/sh", "-c", std::move(script)};
  return wanted;
}

class supervisor_test : public testing::Test {
 protected:
  using clock = std::chrono::steady_clock;

  supervisor_test() {
    std::filesystem::create_directories(folder_);
    options_.state_dir = folder_;
    options_.restart = {.first = std::chrono::milliseconds(2),
                        .longest = std::chrono::milliseconds(20),
                        .shortest = std::chrono::milliseconds(1),
                        .stable = std::chrono::seconds(60)};
    options_.limits.heartbeat_spacing = std::chrono::milliseconds(10);
  }

  ~supervisor_test() override {
    if (supervisor_) runner_.run(supervisor_->stop());
    supervisor_.reset();
    std::filesystem::remove_all(folder_);
  }

  void start(decltype(cascade::supervisor_options::server) server) {
    options_.server = std::move(server);
    supervisor_ = std::make_unique<cascade::supervisor>(runner_.strand(), options_, hooks());
    supervisor_->start();
  }

  cascade::supervisor_hooks hooks() {
    return {
        .holder = [this](cascade::server_address address) { return holder(this, std::move(address)); },
        .probe = [this](cascade::server_address address) { return probe(this, std::move(address)); },
        .trust = [this](cascade::server_address address) { return trust(this, address.target); },
        .server_line = [this](std::string_view line) { lines_.add(std::string(line)); },
        .note = [this](std::string_view line) { notes_.add(std::string(line)); },
        .draw = [] { return 0.5; },
    };
  }

  static asio::awaitable<net::result<void>> probe(supervisor_test* test, cascade::server_address address) {
    test->probed_.add(address);
    if (test->hangs_)
      co_await asio::steady_timer(test->runner_.strand(), clock::time_point::max()).async_wait(asio::use_awaitable);
    if (!test->answers_(address)) co_return boost::system::error_code(asio::error::connection_refused);
    co_return net::result<void>{};
  }

  static asio::awaitable<net::result<std::string>> trust(supervisor_test* test, std::string target) {
    test->trusted_.add(target);
    co_return "certificate of " + target;
  }

  static asio::awaitable<cascade::port_holder> holder(supervisor_test* test, cascade::server_address address) {
    test->asked_.add(address);
    co_return test->holds_(address);
  }

  net::result<cascade::running_server> ready(std::chrono::milliseconds limit = patience) {
    return runner_.run(supervisor_->ready(net::after(limit)));
  }

  /// The next generation that is not `before`.
  cascade::running_server ready_after(std::uint64_t before) {
    for (;;) {
      auto server = ready().value();
      if (server.generation != before) return server;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }

  /// Waits for what nobody announces.
  static bool soon(const std::function<bool()>& holds) {
    const auto limit = clock::now() + patience;
    while (!holds() && clock::now() < limit) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return holds();
  }

  static bool gone(pid_t pid) {
    return soon([pid] { return ::kill(pid, 0) != 0; });
  }

  /// Waits for a note, which tells why a generation ended.
  bool noted(const std::string& part) {
    return notes_.wait_for([&](const std::string& note) { return note.find(part) != std::string::npos; });
  }

  bool logged(const std::string& part) {
    return lines_.wait_for([&](const std::string& line) { return line.find(part) != std::string::npos; });
  }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  static std::string content(const std::string& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("zerogravity-supervisor-" + std::to_string(::getpid()) + "-" +
                                                testing::UnitTest::GetInstance()->current_test_info()->name());
  std::function<bool(const cascade::server_address&)> answers_ = [](const auto&) { return true; };  // on the strand
  std::function<cascade::port_holder(const cascade::server_address&)> holds_ = [](const auto&) {
    return cascade::port_holder{cascade::port_holder::who::server, {}};
  };
  std::atomic<bool> hangs_{false};
  recorded<cascade::server_address> asked_, probed_;
  recorded<std::string> trusted_, lines_, notes_;
  cascade::supervisor_options options_;
  strand_runner runner_;
  std::unique_ptr<cascade::supervisor> supervisor_;
};

/// A server's log line that tells where it listens.
inline std::string says_port(int port) {
  return "echo 'Language server listening on random port at " + std::to_string(port) + " for HTTPS' >&2; ";
}

/// A server that does nothing for ever, and ends with SIGTERM.
inline const std::string for_ever = "exec sleep 100000";

}  // namespace cascade_test
