#pragma once

// Sources whose process is not ours: an address from the configuration, or a server found on this machine.

#include <filesystem>
#include <functional>
#include <vector>

#include "cascade/process/discovery.hpp"
#include "cascade/supervisor/supervisor_condition.hpp"
#include "cascade/supervisor/supervisor_options.hpp"
#include "cascade/supervisor/supervisor_source.hpp"
#include "net/task_group.hpp"

namespace cascade {

/// Whether `target`, host:port, can only be this machine.
bool is_loopback_target(std::string_view target);

class attached_source final : public supervisor_source {
 public:
  explicit attached_source(server_address address) : address_(std::move(address)) {}

  asio::awaitable<void> begin() override;
  asio::awaitable<std::vector<server_address>> candidates() override;
  bool announced() const override { return true; }
  void chosen(const server_address&) override {}
  const std::optional<std::string>& ended() const override { return ended_; }
  bool hopeless() const override { return ended_.has_value(); }
  pid_t pid() const override { return 0; }
  asio::awaitable<void> end() override { co_return; }

 private:
  server_address address_;
  std::optional<std::string> ended_;
};

class discovered_source final : public supervisor_source {
 public:
  /// `blocking`: as supervisor_hooks has it.
  discovered_source(asio::any_io_executor strand, const discover_server& wanted, std::filesystem::path proc,
                    supervisor_condition& changed, net::blocking_pool* blocking);

  asio::awaitable<void> begin() override;
  asio::awaitable<std::vector<server_address>> candidates() override;
  bool announced() const override { return true; }
  void chosen(const server_address& address) override;
  const std::optional<std::string>& ended() const override { return ended_; }
  bool hopeless() const override { return false; }
  pid_t pid() const override { return pid_; }
  asio::awaitable<void> end() override;

 private:
  asio::awaitable<void> watch(pid_t pid);

  asio::any_io_executor strand_;
  const discover_server& wanted_;
  std::filesystem::path proc_;
  supervisor_condition& changed_;
  net::blocking_pool* blocking_;
  net::task_group tasks_;
  std::vector<found_server> servers_;
  pid_t pid_ = 0;
  std::optional<std::string> ended_;
};

}  // namespace cascade
