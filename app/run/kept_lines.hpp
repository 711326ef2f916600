#pragma once

// Keeps log lines until the command has ended, because until then the terminal belongs to the command.

#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include <spdlog/sinks/base_sink.h>

namespace app::run {

class kept_lines final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  static constexpr std::size_t max_lines = 40;  // the newest

  std::vector<std::string> all();

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override;
  void flush_() override {}

 private:
  std::deque<std::string> lines_;
};

}  // namespace app::run
