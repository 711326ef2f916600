#pragma once

// The source that runs a language server: composes its command line and environment, writes its metadata to its stdin,
// reads its log to learn its port, and watches for its end.

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cascade/process/parent_pipe.hpp"
#include "cascade/process/process.hpp"
#include "cascade/process/server_log.hpp"
#include "cascade/supervisor/supervisor_command.hpp"
#include "cascade/supervisor/supervisor_condition.hpp"
#include "cascade/supervisor/supervisor_log_budget.hpp"
#include "cascade/supervisor/supervisor_options.hpp"
#include "cascade/supervisor/supervisor_source.hpp"
#include "net/task_group.hpp"

namespace cascade {

/// Counts over all generations. Read from any thread.
struct supervisor_counters {
  std::atomic<std::uint64_t> provider_retries{0};
  std::atomic<std::uint64_t> dropped_log_lines{0};
};

class launched_source final : public supervisor_source {
 public:
  struct surroundings {
    asio::any_io_executor strand;
    const supervisor_options& options;
    const supervisor_hooks& hooks;
    supervisor_condition& changed;
    supervisor_counters& counters;
  };

  /// `form` chooses among the usual command lines, if the configuration has none.
  launched_source(surroundings around, const launch_server& wanted, std::size_t form);

  asio::awaitable<void> begin() override;
  asio::awaitable<std::vector<server_address>> candidates() override;
  bool announced() const override { return port_ != 0; }
  void chosen(const server_address&) override {}
  const std::optional<std::string>& ended() const override { return ended_; }
  bool hopeless() const override { return false; }
  pid_t pid() const override { return process_ ? process_->id() : 0; }
  asio::awaitable<void> end() override;

 private:
  std::optional<process_spec> prepare();
  std::optional<std::vector<std::string>> compose_command();
  std::optional<std::vector<std::string>> compose_environment();
  server_address at(std::uint16_t port) const;
  bool prepare_home();
  bool prepare_pipe();
  std::nullopt_t refuse(std::string reason);
  void spawn_tasks();
  void take_line(std::string_view line);

  asio::awaitable<void> feed();
  asio::awaitable<void> read(process::output stream);
  asio::awaitable<void> watch();

  surroundings around_;
  const launch_server& wanted_;
  std::size_t form_;
  std::string csrf_token_;
  placeholder_values values_;
  redactor redactor_;
  supervisor_log_budget budget_;
  net::task_group tasks_;
  std::optional<parent_pipe> pipe_;
  std::unique_ptr<process> process_;
  std::chrono::steady_clock::time_point started_;
  std::uint16_t port_ = 0;
  unsigned open_outputs_ = 2;
  std::string last_line_;  // as it came
  std::optional<std::string> ended_;
};

}  // namespace cascade
