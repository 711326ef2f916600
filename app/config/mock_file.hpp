#pragma once

// A file that a rule answers with. It is read together with the configuration.

#include <cstddef>
#include <string>

#include <boost/system/result.hpp>

#include "app/rewrite/rule.hpp"

namespace app {

struct mock_fault {
  std::string why;
};

/// The file's extension determines its content type: .json, .sse or .txt. Errors: another extension, a relative path, a
/// file that cannot be read, and more than `limit` bytes.
boost::system::result<rewrite::mock, mock_fault> read_mock_file(const std::string& path, std::size_t limit);

}  // namespace app
