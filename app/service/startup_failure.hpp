#pragma once

// Why the service could not start, for the person who started it.

#include <string>

#include <boost/system/result.hpp>

#include "app/base/exit_code.hpp"

namespace app {

struct startup_failure {
  exit_code code = exit_code::failed;
  std::string message;
};

template <class T>
using startup_result = boost::system::result<T, startup_failure>;

}  // namespace app
