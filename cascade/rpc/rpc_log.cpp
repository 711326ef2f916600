#include "cascade/rpc/rpc_log.hpp"

#include <mutex>
#include <utility>

#include <grpc/support/log.h>

namespace cascade {
namespace {

std::mutex sink_mutex;  // guards the one below; held while it is called
std::function<void(std::string_view)> the_sink;

void pass_on(gpr_log_func_args* said) {
  if (said->severity != GPR_LOG_SEVERITY_ERROR) return;
  std::lock_guard lock(sink_mutex);
  if (the_sink) the_sink(said->message);
}

}  // namespace

void take_rpc_errors(std::function<void(std::string_view)> sink) {
  {
    std::lock_guard lock(sink_mutex);
    the_sink = std::move(sink);
  }
  gpr_set_log_function(pass_on);
}

}  // namespace cascade
