#pragma once

// Writes log lines to standard error without stdio. A write that blocks would hold the lock of stdio, and the flush at
// the end of the process would wait for it. Colours on a terminal only. Called by log_writer's thread alone.

#include <spdlog/details/null_mutex.h>
#include <spdlog/sinks/base_sink.h>

namespace app {

class stderr_sink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  stderr_sink();

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override;
  void flush_() override {}

 private:
  bool coloured_;
};

}  // namespace app
