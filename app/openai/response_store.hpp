#pragma once

// Stores responses so that clients can get, cancel, delete and continue them. Limited in number, bytes and time. Pure:
// time is a parameter. The HTTP API owns one and guards it.

#include <chrono>
#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <boost/system/result.hpp>

#include "app/base/api_error.hpp"
#include "app/openai/output_item.hpp"
#include "app/openai/turn_request.hpp"

namespace app::openai {

using time_point = std::chrono::steady_clock::time_point;

struct response_store_limits {
  std::size_t count = 4096;
  std::size_t bytes = 64ul << 20;    // of all
  std::chrono::seconds ttl{86'400};  // after its last use
};

struct stored_response {
  std::string id;
  std::string cascade_id;
  std::uint32_t steps = 0;               // of the cascade when it was stored
  std::string instructions;              // of its request: the next turn need not repeat them
  std::string object;                    // the response as JSON
  std::vector<std::string> input_items;  // JSON objects, without ids
  std::vector<output_item> output;       // for references
  bool in_progress = true;
  bool cancelled = false;
};

class response_store {
 public:
  explicit response_store(response_store_limits limits = {}) : limits_(limits) {}

  /// Adds or replaces a response. The least recently used ones make room. A response larger than the store is not kept.
  void put(stored_response response, time_point now);
  /// Valid until the next call that is not const. nullptr if unknown, deleted or expired.
  const stored_response* find(std::string_view id, time_point now);
  bool erase(std::string_view id, time_point now);
  /// Marks a response in progress as cancelled, and is no error for one that is so marked. The caller ends its turn,
  /// which then stores the final object.
  boost::system::result<void, api_error> cancel(std::string_view id, time_point now);
  /// Gives the object of a response the status "cancelled" while its turn has not stored the final one.
  void show_cancelled(std::string_view id, time_point now);
  /// An output item of any stored response. Valid until the next call that is not const.
  const output_item* find_item(std::string_view item_id, time_point now);

  std::size_t count() const { return entries_.size(); }
  std::size_t bytes() const { return bytes_; }

 private:
  struct entry {
    stored_response response;
    time_point used;
    std::size_t size = 0;
  };
  using entries = std::list<entry>;

  void remove(entries::iterator which);
  void expire(time_point now);
  entries::iterator use(entries::iterator which, time_point now);
  entries::iterator lookup(std::string_view id, time_point now);

  response_store_limits limits_;
  entries entries_;  // the most recently used first
  std::unordered_map<std::string, entries::iterator> by_id_;
  std::unordered_map<std::string, entries::iterator> by_item_;
  std::size_t bytes_ = 0;
};

/// Fills in the items that messages of a request refer to. 404 for an unknown item.
boost::system::result<void, api_error> resolve_references(turn_request& request, response_store& store, time_point now);

}  // namespace app::openai
