#pragma once

// A golden accounting vector: one exchange as text, and the record it must leave. See golden/README.md for the format.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "usage/exchange_account.hpp"

namespace usage::golden {

struct vector {
  std::string name;
  std::string host;
  ending how = ending::complete;
  std::string cause;
  std::string request_head;  // CRLF line ends, with its empty line
  std::string request_body;
  std::string response_head;  // empty: there was none
  std::string response_body;
  std::string record;
};

/// Every vector of the folder, by name.
std::vector<vector> load(const std::filesystem::path& folder);

/// "key: value" lines of every field that is set, in the order of the struct, and whether the exchange was parsed.
std::string render(const usage_record& record, bool parsed);

}  // namespace usage::golden
