#pragma once

// The command line of a language server, in the syntax of Go's flag package: -x v, --x v, -x=v and --x=v are the same.
// Builds differ in their flags, so one that is not known is passed over, with its value.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <boost/system/result.hpp>

namespace sim::ls {

struct flags {
  std::string csrf_token;
  std::uint16_t https_server_port = 0;  // 0: a random one
  std::uint16_t http_server_port = 0;
  std::uint16_t lsp_port = 0;
  std::string cloud_code_endpoint = "https://daily-cloudcode-pa.googleapis.com";
  std::string app_data_dir = "antigravity";
  std::string gemini_dir = ".gemini";
  std::string parent_pipe_path;
  std::string workspace_id;
  std::string switches;  // of every --sim, joined by commas
  bool standalone = false;
  bool random_port = false;  // a random port even if one is given
};

/// `arguments` without the program's name. The error is a sentence.
boost::system::result<flags, std::string> parse_flags(const std::vector<std::string_view>& arguments);

}  // namespace sim::ls
